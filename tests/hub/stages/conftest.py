"""Fixtures of these tests: empty stores, and a model with small limits."""

from tests.hub.stages.small_worlds import small_model
from tests.hub.world import sqlite_store, store

__all__ = ["small_model", "sqlite_store", "store"]
