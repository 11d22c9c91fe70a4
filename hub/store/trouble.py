"""Which troubles of a database pass by themselves: it restarts, is busy, or has a full disk."""

from __future__ import annotations

import sqlite3

from sqlalchemy.exc import DBAPIError

_SQLITE = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_READONLY,
}
_POSTGRES = ("08", "53", "57", "58", "40", "25006")
"""Classes of states: the connection, resources, an operator's doing, the system, deadlocks; and a read-only standby."""


def will_pass(error: DBAPIError) -> bool:
    """Whether the same work may succeed later; everything else is a bug of ours."""
    if isinstance(error.orig, sqlite3.Error):
        return (getattr(error.orig, "sqlite_errorcode", 0) & 0xFF) in _SQLITE
    state = getattr(error.orig, "sqlstate", None)
    return error.connection_invalidated or (state is None and _is_about_connecting(error)) or _is_known(state)


def _is_about_connecting(error: DBAPIError) -> bool:
    return type(error.orig).__name__ in ("OperationalError", "ConnectionTimeout", "PoolTimeout")


def _is_known(state: str | None) -> bool:
    return state is not None and state.startswith(_POSTGRES)
