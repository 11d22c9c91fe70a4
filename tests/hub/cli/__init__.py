"""Tests of what the command line reads and writes, without a hub."""
