"""Watching the hub: logs, metrics, health, alerts and the doctor. Reads everything, and changes only its own tables."""
