"""Tests of mapping: a mirror of its files, and the loyalty example as a whole."""
