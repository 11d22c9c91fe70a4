"""Databases for one measurement each, as durable as in service: made for a block, and gone after it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from unittest.mock import patch

from tests import services

KINDS = ("sqlite", "postgres")
DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", "shared_buffers": "256MB"}
"""In what a server of ours differs from that of the tests."""


class NoDatabase(Exception):
    """No such database can be had on this machine; the text says why."""


@contextmanager
def fresh(kind: str, folder: Path) -> Iterator[str]:
    """The URL of an empty database of one of KINDS; that of SQLite is a file in `folder`. Raises NoDatabase.

    PostgreSQL is the server that BENCH_POSTGRES names, by a URL whose user may create databases, or one of our own.
    """
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'hub.db'}"
        return
    with _server(os.environ.get("BENCH_POSTGRES")) as server:
        url = server.create_database()
        try:
            yield url
        finally:
            server.drop_database(url)


@contextmanager
def _server(given: str | None) -> Iterator[services.Postgres]:
    try:
        with _named(given) if given else _own() as server:
            yield server
    except services.UnavailableError as reason:
        raise NoDatabase(str(reason)) from reason


def _named(url: str) -> AbstractContextManager[services.Postgres]:
    return services.postgres({"HUB_TEST_PG": url})


@contextmanager
def _own() -> Iterator[services.Postgres]:
    with patch.dict(services.SETTINGS, DURABLE), services.postgres({}) as server:
        yield server
