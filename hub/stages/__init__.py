"""The stages a record passes, each thin, in the order named in order.py."""
