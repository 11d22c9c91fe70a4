"""Tests of what identity resolution knows about names: tables of people, and laws over random words."""
