"""Derived tables: pure functions of the facts. Delete them, rebuild, and get the same rows."""
