"""Tests of the comparison of resolvers."""
