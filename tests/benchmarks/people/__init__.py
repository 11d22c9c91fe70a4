"""Tests of the labelled records, the exact rules and the measures."""
