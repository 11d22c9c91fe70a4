"""Tests of identity resolution: records of a small cast, and laws over random worlds."""
