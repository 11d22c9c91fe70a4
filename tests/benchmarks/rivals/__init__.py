"""Tests of the other engines and of how their cost is read."""
