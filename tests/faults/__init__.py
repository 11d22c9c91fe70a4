"""The fault catalogue, and what `make faults` counts and writes."""
