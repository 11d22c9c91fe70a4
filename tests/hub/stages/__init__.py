"""Tests of the stages, each on its own, with records of a small cast."""
