"""Small helpers over SQLAlchemy Core that both databases understand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, Dialect, Table, Text, bindparam
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import Boolean, TypeDecorator, TypeEngine
from sqlmodel import SQLModel

from hub.store.jsontext import dumps

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


class _Many(TypeDecorator[Any]):
    """Any number of values in one parameter: an array on PostgreSQL, a JSON text on SQLite."""

    impl = Text
    cache_ok = True

    def __init__(self, one: TypeEngine[Any]) -> None:
        super().__init__()
        self.one = one

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(Text() if dialect.name == "sqlite" else postgresql.ARRAY(self.one))

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        return dumps(list(value)) if dialect.name == "sqlite" else list(value)


class _Among(FunctionElement[bool]):
    type = Boolean()
    inherit_cache = True

    def self_group(self, against: Any = None) -> _Among:  # noqa: ARG002
        return self  # a database without a boolean type would be asked for "= 1", which no index answers


@compiles(_Among, "sqlite")
def _among_sqlite(element: _Among, compiler: Any, **how: Any) -> str:
    column, values = (compiler.process(clause, **how) for clause in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({values}))"  # noqa: S608 - both are compiled clauses


@compiles(_Among, "postgresql")
def _among_postgres(element: _Among, compiler: Any, **how: Any) -> str:
    column, values = (compiler.process(clause, **how) for clause in element.clauses)
    return f"{column} = ANY({values})"


def among(column: ColumnElement[Any], name: str) -> ColumnElement[bool]:
    """Whether the column holds one of the values of a named parameter, which may be any number of them.

    The statement's text is always the same, so that it is compiled once and no chunks are needed.
    """
    return _Among(column, bindparam(name, type_=_Many(column.type)))


def insert_new(db: Connection, into: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows, leaving alone those whose key is there already."""
    if rows:
        db.execute(_inserting_new(db.dialect.name, into), list(rows))


def upsert(db: Connection, into: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows by primary key; where the key is there, replace the other columns that the rows name."""
    if not rows:
        return
    db.execute(_upserting(db.dialect.name, into, tuple(rows[0])), list(rows))


@cache
def _inserting_new(dialect: str, into: Table) -> Any:
    return _insert(dialect, into).on_conflict_do_nothing()


@cache
def _upserting(dialect: str, into: Table, names: tuple[str, ...]) -> Any:
    key = [column.name for column in into.primary_key.columns]
    statement = _insert(dialect, into)
    replaced = {name: statement.excluded[name] for name in names if name not in key}
    return statement.on_conflict_do_update(index_elements=key, set_=replaced)


def _insert(dialect: str, into: Table) -> Any:
    return sqlite.insert(into) if dialect == "sqlite" else postgresql.insert(into)
