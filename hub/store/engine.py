"""Opens the database: SQLite with a writer and a reader engine, PostgreSQL with one pool; and runs transactions."""

from __future__ import annotations

import os
import random
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError

from hub.store.waiting import begin_alertly, limit_postgres, limit_sqlite, restart_limit

T = TypeVar("T")

WRITE_TRIES = 5

_RETRIED_STATES = {"40001", "40P01", "57P01", "57P02", "57P03", "08006", "08001", "08003"}
"""Serialization failure, deadlock, and the ways in which a PostgreSQL server goes away and comes back."""


_TICKET: ContextVar[str] = ContextVar("ticket")


def ticket() -> str:
    """A text of its own for each `write`, the same in all its tries: the first may have been kept, its answer lost."""
    return _TICKET.get(None) or secrets.token_hex(8)


@contextmanager
def _ticketed() -> Iterator[None]:
    before = _TICKET.set(secrets.token_hex(8))
    try:
        yield
    finally:
        _TICKET.reset(before)


@dataclass(frozen=True, slots=True)
class Store:
    """One database. `write` runs short transactions, `read` gives a consistent snapshot that cannot write.

    `page_reader` reads as `reader` does, but none of its statements goes on for longer than the limit in `waiting`.
    """

    writer: Engine
    reader: Engine
    page_reader: Engine

    @property
    def is_sqlite(self) -> bool:
        return self.writer.dialect.name == "sqlite"

    @property
    def for_pages(self) -> Store:
        """The same database for those who look and wait: no statement reads for long, and a write waits alertly."""
        return replace(self, writer=self.writer.execution_options(alert=True), reader=self.page_reader)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        with self.reader.connect() as db, db.begin():
            yield db

    def write(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in one transaction and commit. `work` may run again after a deadlock or a lost connection."""
        with _ticketed():
            return self._tried(work)

    def _tried(self, work: Callable[[Connection], T]) -> T:
        for attempt in range(1, WRITE_TRIES + 1):
            try:
                with self.writer.connect() as db, db.begin():
                    return work(db)
            except DBAPIError as error:
                if attempt == WRITE_TRIES or not _worth_another_try(error):
                    raise
                time.sleep(random.uniform(0, 0.05 * 2**attempt))  # noqa: S311 - jitter, not a secret
        raise AssertionError("unreachable")

    def close(self) -> None:
        for engine in (self.writer, self.reader, self.page_reader):
            engine.dispose()


def open_store(url: str) -> Store:
    """Open the database at a SQLAlchemy URL (`sqlite:///…` or `postgresql://…`). Creates a SQLite file, mode 0600."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return _open_sqlite(parsed)
    return _open_postgres(parsed)


def _open_postgres(url: URL) -> Store:
    with_driver = url.set(drivername="postgresql+psycopg")
    engine, limited = (create_engine(with_driver, pool_pre_ping=True, pool_size=10) for _ in range(2))
    event.listen(limited, "connect", limit_postgres)
    snapshots = [
        one.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True) for one in (engine, limited)
    ]
    return Store(engine, *snapshots)


def _open_sqlite(url: URL) -> Store:
    if not url.database or url.database == ":memory:":
        raise ValueError("the hub needs a SQLite file, not an in-memory database: write sqlite:///hub.db")
    _create_private(Path(url.database))
    writer, reader, limited = (create_engine(url, pool_pre_ping=False) for _ in range(3))
    event.listen(writer, "connect", _prepare_writer)
    event.listen(writer, "begin", _begin_immediate)
    for one in (reader, limited):
        event.listen(one, "connect", _prepare_reader)
        event.listen(one, "begin", _begin_plain)
    event.listen(limited, "connect", limit_sqlite)
    event.listen(limited, "before_cursor_execute", restart_limit)
    return Store(writer, reader, limited)


def _create_private(file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(file, os.O_CREAT | os.O_RDWR, 0o600))


_CHECKPOINT = "wal_autocheckpoint=32000"
"""Pages, 128 MB: one that many transactions have written goes into the database once."""

_EVERYWHERE = ("busy_timeout=30000", "cache_size=-65536")


def _prepare_writer(connection: Any, _record: object) -> None:
    _set(connection, "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", _CHECKPOINT, *_EVERYWHERE)


def _prepare_reader(connection: Any, _record: object) -> None:
    _set(connection, "query_only=ON", *_EVERYWHERE)


def _set(connection: Any, *pragmas: str) -> None:
    connection.isolation_level = None  # the "begin" listeners decide how a transaction opens
    for pragma in pragmas:
        connection.execute(f"PRAGMA {pragma}")


def _begin_immediate(connection: Connection) -> None:
    if not (connection.get_execution_options().get("alert") and begin_alertly(connection)):
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def _begin_plain(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")


def _worth_another_try(error: DBAPIError) -> bool:
    if error.connection_invalidated:
        return True
    state = getattr(error.orig, "sqlstate", None)
    return state in _RETRIED_STATES or "database is locked" in str(error.orig)
