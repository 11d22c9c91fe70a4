"""COPY on PostgreSQL: many new rows at once; where some may be there already, by way of a temporary table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import DBAPIError

COPY_FROM = 200
"""So many new rows are worth a COPY."""


def copy_all(db: Connection, into: Table, names: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> None:
    """Insert rows given as tuples in the order of `names`; raises where a key is there already."""
    with driver_of(db) as driver, driver.cursor() as cursor:
        _copy(cursor, into.name, names, rows)


def copy_meeting(
    db: Connection, into: Table, names: Sequence[str], rows: Iterable[tuple[Any, ...]], conflict: str
) -> None:
    """Insert rows given as tuples in the order of `names`, in their own order; `conflict` is an ON CONFLICT clause."""
    create, empty, insert = _statements(into, tuple(names))
    with driver_of(db) as driver, driver.cursor() as cursor:
        cursor.execute(create)
        cursor.execute(empty)  # of what an earlier call of this transaction left there
        _copy(cursor, _beside(into), names, rows)
        cursor.execute(f"{insert} {conflict}")


def _copy(cursor: Any, into: str, names: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> None:
    with cursor.copy(f'COPY "{into}" ({listed(names)}) FROM STDIN') as taking:
        for row in rows:
            taking.write_row(row)


@contextmanager
def driver_of(db: Connection) -> Iterator[Any]:
    """The driver's own connection. What it raises becomes what SQLAlchemy raises, so that `Store.write` tries again."""
    driver: Any = db.connection.driver_connection
    failure = db.dialect.loaded_dbapi.Error
    try:
        yield driver
    except failure as error:
        is_gone = bool(driver.closed)
        raise DBAPIError.instance("COPY", (), error, failure, connection_invalidated=is_gone) from error


@cache
def _statements(into: Table, names: tuple[str, ...]) -> tuple[str, str, str]:
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    said, beside = listed(names), _beside(into)
    # all columns of the table: a session keeps it, and the next rows may name others
    columns = ", ".join(f'"{column.name}" {column.type.compile(dialect)}' for column in into.columns)
    create = f"CREATE TEMPORARY TABLE IF NOT EXISTS {beside} ({columns}) ON COMMIT DELETE ROWS"
    # ctid: in the order in which they were copied
    insert = f'INSERT INTO "{into.name}" ({said}) SELECT {said} FROM {beside} ORDER BY ctid'  # noqa: S608 - own names
    return create, f"DELETE FROM {beside}", insert  # noqa: S608


def _beside(into: Table) -> str:
    return f"{into.name}__copied"


def listed(names: Iterable[str]) -> str:
    """Names of columns as a statement lists them."""
    return ", ".join(f'"{name}"' for name in names)
