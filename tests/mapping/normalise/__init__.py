"""Tests of the normalisers, one file for each."""
