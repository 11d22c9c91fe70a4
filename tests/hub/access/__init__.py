"""Tests of who may do what, and of how much they see."""
