"""Tests of the Review pages."""
