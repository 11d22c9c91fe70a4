"""Tests of the configuration: what is read, what is refused, and that no secret is ever shown."""
