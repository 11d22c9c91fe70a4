"""Consent: what the evidence says of an address, and the gate every consent write passes. Pure functions, no I/O."""
