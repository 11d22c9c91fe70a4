"""Tests of the demo's seeded estate."""
