"""Databases that have the schema: the migrations run once in a session, every test begins with a copy of the result.

What makes the schema itself has tests of its own, which ask for a database that is empty.
"""

from __future__ import annotations

import os
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import event, make_url

from hub.store.engine import Store, open_store
from hub.store.migrate import prepare


def with_schema(url: str) -> str:
    """Put the tables where a URL of SQLite names a file that is not there; gives the URL."""
    name = make_url(url).database or ""
    if url.startswith("sqlite") and not Path(name).exists():
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        with open(os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(_prepared())
    return url


@cache
def _prepared() -> bytes:
    """A whole file of SQLite with the schema and no row."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "hub.db")
        make_schema(f"sqlite:///{file}")
        return file.read_bytes()


def make_schema(url: str) -> None:
    """Run the migrations; nothing stays open, so that the database may be copied."""
    store = open_store(url)
    try:
        prepare(store)
    finally:
        store.close()


def open_hurried(url: str) -> Store:
    """A store with its schema; one on SQLite does not wait for the disk, for no test pulls the plug."""
    store = open_store(with_schema(url))
    if store.is_sqlite:
        event.listen(store.writer, "connect", _in_no_hurry_to_the_disk)
    prepare(store)
    return store


def _in_no_hurry_to_the_disk(connection: Any, _: object) -> None:
    connection.execute("PRAGMA synchronous=OFF")
