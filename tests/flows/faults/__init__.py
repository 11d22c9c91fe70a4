"""Faults that need the whole product: processes that die, servers that go away, and what is left in the end."""
