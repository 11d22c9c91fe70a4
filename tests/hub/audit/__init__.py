"""Tests of the chain of what was done by whom."""
