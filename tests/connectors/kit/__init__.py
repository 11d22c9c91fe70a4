"""Tests of the connector kit."""
