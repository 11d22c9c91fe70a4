"""Fixtures of these tests: empty stores."""

from tests.hub.world import sqlite_store, store

__all__ = ["sqlite_store", "store"]
