"""Tests of the benchmark of the pages."""
