"""Mapping: a raw vendor record becomes canonical models. No I/O."""
