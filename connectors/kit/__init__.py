"""The kit: what every connector stands on."""
