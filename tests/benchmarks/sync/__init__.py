"""The comparison of those who move records."""
