"""Small helpers over SQLAlchemy Core that both databases understand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import SQLModel

T = TypeVar("T")

CHUNK = 500
"""How many values one IN (…) may hold."""


def table(model: type[SQLModel]) -> Table:
    """The Core table behind a SQLModel class."""
    return model.metadata.tables[str(model.__tablename__)]


def chunks(values: Iterable[T], size: int = CHUNK) -> Iterator[list[T]]:
    rest = iter(values)
    while chunk := list(islice(rest, size)):
        yield chunk


def insert_new(db: Connection, into: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows, leaving alone those whose key is there already."""
    if rows:
        db.execute(_insert(db, into).on_conflict_do_nothing(), list(rows))


def upsert(db: Connection, into: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows by primary key; where the key is there, replace the other columns that the rows name."""
    if not rows:
        return
    key = [column.name for column in into.primary_key.columns]
    statement = _insert(db, into)
    replaced = {name: statement.excluded[name] for name in rows[0] if name not in key}
    db.execute(statement.on_conflict_do_update(index_elements=key, set_=replaced), list(rows))


def _insert(db: Connection, into: Table) -> Any:
    return sqlite.insert(into) if db.dialect.name == "sqlite" else postgresql.insert(into)
