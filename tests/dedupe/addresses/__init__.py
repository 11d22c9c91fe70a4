"""Tests of addresses: how each country writes them, how well two agree, and laws over any text."""
