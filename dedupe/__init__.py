"""Identity resolution: contact records become clusters and golden values. Pure functions, no I/O."""
