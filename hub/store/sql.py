"""Small helpers over SQLAlchemy Core that both databases understand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from functools import cache
from itertools import islice
from operator import itemgetter
from typing import Any, TypeVar

from sqlalchemy import (
    ColumnElement,
    Connection,
    Dialect,
    Select,
    Table,
    Text,
    and_,
    bindparam,
    or_,
    select,
    true,
    tuple_,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import Boolean, TypeDecorator, TypeEngine, UserDefinedType
from sqlmodel import SQLModel

from hub.store.copying import COPY_FROM, copy_all, copy_meeting, listed
from hub.store.driven import driven
from hub.store.jsontext import dumps

T = TypeVar("T")

_MARK = {"sqlite": "?", "postgresql": "%s"}
"""How each driver marks the place of a value."""

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
    """Any number of numbers or texts in one parameter: the text of an array on PostgreSQL, of a JSON list on SQLite."""

    impl = Text
    cache_ok = True

    def __init__(self, one: type) -> None:
        super().__init__()
        self.one = one

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(Text() if dialect.name == "sqlite" else _ArrayText(self.one))

    def process_bind_param(self, value: Any, dialect: Dialect) -> str:
        return dumps(list(value)) if dialect.name == "sqlite" else _array(list(value))


class _ArrayText(UserDefinedType[str]):
    """An array given as text; the planner knows what is in it, as it would not if it were a text that is cast."""

    cache_ok = True
    render_bind_cast = True

    def __init__(self, one: type) -> None:
        self.one = one

    def get_col_spec(self, **_: Any) -> str:
        return "BIGINT[]" if self.one is int else "VARCHAR[]"


def _array(values: list[Any]) -> str:
    """As PostgreSQL reads an array; the driver would take several times as long for it."""
    if values and isinstance(values[0], str):
        values = ['"' + one.replace("\\", "\\\\").replace('"', '\\"') + '"' for one in values]
    return "{" + ",".join(map(str, values)) + "}"


class _Pairs(TypeDecorator[Any]):
    """Any number of rows of values in one parameter, a JSON text."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str:  # noqa: ARG002
        return dumps(list(value))


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
    return _Among(column, bindparam(name, type_=_Many(column.type.python_type)))


class _AmongPairs(FunctionElement[bool]):
    type = Boolean()
    inherit_cache = True

    def self_group(self, against: Any = None) -> _AmongPairs:  # noqa: ARG002
        return self


@compiles(_AmongPairs, "sqlite")
def _among_pairs_sqlite(element: _AmongPairs, compiler: Any, **how: Any) -> str:
    left, right, pairs = (compiler.process(clause, **how) for clause in element.clauses)
    return f"({left}, {right}) IN (SELECT value ->> 0, value ->> 1 FROM json_each({pairs}))"  # noqa: S608


@compiles(_AmongPairs, "postgresql")
def _among_pairs_postgres(element: _AmongPairs, compiler: Any, **how: Any) -> str:
    left, right, pairs = (compiler.process(clause, **how) for clause in element.clauses)
    each = f"SELECT (value ->> 0)::bigint, (value ->> 1)::bigint FROM json_array_elements({pairs}::json)"  # noqa: S608
    return f"({left}, {right}) IN ({each})"


def among_pairs(left: ColumnElement[int], right: ColumnElement[int], name: str) -> ColumnElement[bool]:
    """Whether two columns hold one of the pairs of numbers of a named parameter, which may be any number of them."""
    return _AmongPairs(left, right, bindparam(name, type_=_Pairs()))


class _AnyOf(FunctionElement[bool]):
    type = Boolean()
    inherit_cache = True

    def self_group(self, against: Any = None) -> _AnyOf:  # noqa: ARG002
        return self


@compiles(_AnyOf, "sqlite")
def _any_of_sqlite(element: _AnyOf, compiler: Any, **how: Any) -> str:
    _, *given = element.clauses
    rows, *columns = (compiler.process(clause, **how) for clause in given)
    values = ", ".join(f"value ->> {at}" for at in range(len(columns)))
    return f"({', '.join(columns)}) IN (SELECT {values} FROM json_each({rows}))"  # noqa: S608


@compiles(_AnyOf, "postgresql")
def _any_of_postgres(element: _AnyOf, compiler: Any, **how: Any) -> str:
    is_in, *_ = element.clauses
    return str(compiler.process(is_in, **how))


FEW = 16
"""So many alternatives of all columns but the last are looked up one after the other."""


def any_of(columns: Sequence[ColumnElement[str]], rows: Iterable[tuple[str, ...]]) -> ColumnElement[bool]:
    """Whether several text columns together hold one of these rows; the last column is the one that tells them apart.

    Rows that begin alike, as the addresses of a channel do, go in one parameter, any number of them: to plan for each
    of them takes PostgreSQL longer than to find it, and of pairs it cannot tell how many there will be.
    """
    ends: dict[tuple[str, ...], list[str]] = {}
    for *start, end in rows:
        ends.setdefault(tuple(start), []).append(end)
    if not 0 < len(ends) <= FEW:
        return _any_of_many(columns, [(*start, end) for start, found in ends.items() for end in found])
    *first, last = columns
    return or_(
        *(
            and_(*(column == value for column, value in zip(first, start, strict=True)), _found_in(last, found))
            for start, found in ends.items()
        )
    )


def _found_in(column: ColumnElement[str], values: list[str]) -> ColumnElement[bool]:
    return _Among(column, bindparam(None, values, type_=_Many(str), unique=True))


def _any_of_many(columns: Sequence[ColumnElement[str]], rows: Sequence[tuple[str, ...]]) -> ColumnElement[bool]:
    """SQLite answers (a, b) IN (VALUES …) without any index when there is more than one row; so it gets a SELECT."""
    several = tuple_(*columns)
    each = bindparam(None, list(rows), type_=several.type, expanding=True, unique=True)
    return _AnyOf(several.in_(each), bindparam(None, rows, type_=_Pairs(), unique=True), *columns)


def insert_rows(db: Connection, into: Table, rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert rows in the order of the table's columns, as the driver takes them."""
    _put(db, into, tuple(column.name for column in into.columns), rows, "")


def delete_rows(db: Connection, from_: Table, keys: Sequence[tuple[Any, ...]]) -> None:
    """Delete rows by primary key, as the driver takes them."""
    if keys:
        db.exec_driver_sql(_deleting_rows(db.dialect.name, from_), list(keys))


@cache
def _deleting_rows(dialect: str, from_: Table) -> str:
    equal = " AND ".join(f'"{column.name}" = {_MARK[dialect]}' for column in from_.primary_key.columns)
    return f'DELETE FROM "{from_.name}" WHERE {equal}'  # noqa: S608 - a table's own names


def exchange_rows(db: Connection, kept: Table, before: Set[tuple[Any, ...]], now: Set[tuple[Any, ...]]) -> None:
    """Write only what is different. Rows are in the order of the table's columns, the primary key first."""
    many = len(kept.primary_key.columns)
    delete_rows(db, kept, sorted(row[:many] for row in before - now))
    insert_rows(db, kept, sorted(now - before))


def insert_all(db: Connection, into: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows that name the same columns; raises where a key is there already. Many are copied on PostgreSQL."""
    _put_named(db, into, rows, "")


def insert_new(db: Connection, into: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows that name the same columns, leaving alone those whose key is there already."""
    _put_named(db, into, rows, "ON CONFLICT DO NOTHING")


def insert_one_new(db: Connection, into: Table, row: Mapping[str, Any]) -> int | None:
    """Insert a row and give its id; None, and nothing done, where one of its unique keys is there already."""
    statement = _insert(db.dialect.name, into).on_conflict_do_nothing().returning(into.c.id)
    found: int | None = db.execute(statement, dict(row)).scalar()
    return found


def upsert(db: Connection, into: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows by primary key; where the key is there, replace the other columns that the rows name.

    Of two rows with one key the last one stays.
    """
    if rows:
        key = [column.name for column in into.primary_key.columns]
        last = dict(zip(map(itemgetter(*key), rows), rows, strict=True))
        _put_named(db, into, list(last.values()), _replacing(into, tuple(rows[0])))


def upsert_rows(db: Connection, into: Table, rows: Sequence[tuple[Any, ...]]) -> None:
    """`upsert` of rows in the order of the table's columns, as the driver takes them, no two with one key."""
    names = tuple(column.name for column in into.columns)
    _put(db, into, names, rows, _replacing(into, names))


def upsert_found(db: Connection, into: Table, found: Select[Any]) -> None:
    """`upsert` of what a query finds, inside the database: its columns are the table's, no two rows have one key.

    In the order of their keys, against deadlocks.
    """
    named = found.subquery()
    key = [named.c[column.name] for column in into.primary_key.columns]
    rows = select(named).where(true()).order_by(*key)  # SQLite takes the ON of a query without WHERE for a join's
    statement = _insert(db.dialect.name, into).from_select([column.name for column in into.columns], rows)
    others = {column.name: statement.excluded[column.name] for column in into.columns if not column.primary_key}
    db.execute(statement.on_conflict_do_update(index_elements=list(into.primary_key.columns), set_=others))


def _put_named(db: Connection, into: Table, rows: Sequence[Mapping[str, Any]], conflict: str) -> None:
    if rows:
        names = tuple(rows[0])
        _put(db, into, names, driven(db.dialect.name, into, names, rows), conflict)


def _put(db: Connection, into: Table, names: tuple[str, ...], rows: Sequence[tuple[Any, ...]], conflict: str) -> None:
    """Rows in the order of `names`, as the driver takes them; many by COPY where there is one."""
    if not rows:
        return
    if db.dialect.name == "sqlite" or len(rows) < COPY_FROM:
        db.exec_driver_sql(_inserting(db.dialect.name, into, names, conflict), list(rows))
    elif conflict:
        copy_meeting(db, into, names, rows, conflict)
    else:
        copy_all(db, into, names, rows)


@cache
def _replacing(into: Table, names: tuple[str, ...]) -> str:
    key = [column.name for column in into.primary_key.columns]
    replaced = ", ".join(f'"{name}" = excluded."{name}"' for name in names if name not in key)
    return f"ON CONFLICT ({listed(key)}) DO UPDATE SET {replaced}"


@cache
def _inserting(dialect: str, into: Table, names: tuple[str, ...], conflict: str) -> str:
    marks = ", ".join(_MARK[dialect] for _ in names)
    return f'INSERT INTO "{into.name}" ({listed(names)}) VALUES ({marks}) {conflict}'  # noqa: S608 - a table's own names


def _insert(dialect: str, into: Table) -> Any:
    return sqlite.insert(into) if dialect == "sqlite" else postgresql.insert(into)
