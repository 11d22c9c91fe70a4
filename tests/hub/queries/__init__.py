"""Tests of what commands and pages read."""
