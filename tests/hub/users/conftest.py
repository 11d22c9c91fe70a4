"""Fixtures of these tests: empty stores."""

from tests.hub.world import store

__all__ = ["store"]
