"""How long those who look at a page wait: a statement is stopped after a while, and a write takes its turn at once."""

from __future__ import annotations

import sqlite3
import time
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

STATEMENT_SECONDS = 2.0
"""How long the database may work at one statement that a page reads by."""

_STEPS = 10_000
"""Instructions of SQLite between two looks at the clock: less than a millisecond."""

_ALERT_SECONDS = 5.0
_LOOK_SECONDS = 0.002
_QUERY_CANCELED = "57014"


def took_too_long(error: BaseException) -> bool:
    """Whether the database stopped a statement because of its limit."""
    if not isinstance(error, DBAPIError):
        return False
    if isinstance(error.orig, sqlite3.Error):
        return getattr(error.orig, "sqlite_errorcode", 0) == sqlite3.SQLITE_INTERRUPT
    return getattr(error.orig, "sqlstate", None) == _QUERY_CANCELED


def limit_postgres(connection: Any, _record: object) -> None:
    """For a new connection of the driver."""
    connection.execute(f"SET statement_timeout = {round(STATEMENT_SECONDS * 1_000)}")
    connection.commit()


class _Limit:
    """SQLite asks it every few steps whether to stop."""

    def __init__(self) -> None:
        self.until = 0.0

    def __call__(self) -> bool:
        return time.monotonic() > self.until


def limit_sqlite(connection: Any, record: Any) -> None:
    """For a new connection of the driver."""
    record.info["limit"] = _Limit()
    connection.set_progress_handler(record.info["limit"], _STEPS)


def restart_limit(connection: Connection, *_: Any) -> None:
    """Before each statement."""
    connection.info["limit"].until = time.monotonic() + STATEMENT_SECONDS


def begin_alertly(connection: Connection) -> bool:
    """Begin to write on SQLite as soon as nobody else does; False, and nothing begun, after some seconds.

    SQLite itself looks whether it is free after 1, 2, 5 … 100 ms, and syncs, which come back at once, overtake it.
    """
    driver: Any = connection.connection.dbapi_connection
    (patience,) = driver.execute("PRAGMA busy_timeout").fetchone()
    driver.execute("PRAGMA busy_timeout=0")
    try:
        until = time.monotonic() + _ALERT_SECONDS
        while time.monotonic() < until:
            if _has_begun(driver):
                return True
            time.sleep(_LOOK_SECONDS)
        return False
    finally:
        driver.execute(f"PRAGMA busy_timeout={patience}")


def _has_begun(driver: Any) -> bool:
    try:
        driver.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        if (getattr(error, "sqlite_errorcode", 0) & 0xFF) != sqlite3.SQLITE_BUSY:
            raise
        return False
    return True
