"""Rows as a driver takes them: the values of Python converted by the columns' types, once for a whole piece of work.

SQLAlchemy does the same for each row anew, in several times the time; nothing else is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Dialect, Table
from sqlalchemy.dialects.postgresql import psycopg
from sqlalchemy.dialects.sqlite import pysqlite

DIALECTS: Mapping[str, Dialect] = {"sqlite": pysqlite.dialect(), "postgresql": psycopg.dialect()}  # type: ignore[no-untyped-call]


def driven(
    dialect: str, into: Table, names: tuple[str, ...], rows: Sequence[Mapping[str, Any]]
) -> list[tuple[Any, ...]]:
    """The named columns of these rows, each value as the driver of this database takes it."""
    columns = (
        [row[name] for row in rows] if convert is None else list(map(convert, [row[name] for row in rows]))
        for name, convert in zip(names, _converters(dialect, into, names), strict=True)
    )
    return list(zip(*columns, strict=True))


@cache
def _converters(dialect: str, into: Table, names: tuple[str, ...]) -> tuple[Callable[[Any], Any] | None, ...]:
    how = DIALECTS[dialect]
    return tuple(into.c[name].type.dialect_impl(how).bind_processor(how) for name in names)
