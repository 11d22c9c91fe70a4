"""The proving ground of consent: random people and tools play the simulated vendors while the hub keeps syncing."""
