"""Connectors: one folder per vendor system, and the kit they stand on."""
