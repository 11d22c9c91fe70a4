"""Collects the statements that a hub really runs, and asks a big database how it would answer them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Boolean, Column, Connection, Engine, Table, event, text

from hub.store import tables
from hub.store.columns import JsonText
from hub.store.engine import Store
from hub.store.sql import table

ROWS = 20_000
"""So many that no planner reads all of them for a few."""

BEGAN = 1_764_720_000
"""When the rows begin: three months before the tests' own present, up to which they reach."""

SMALL = {
    *("stream_state", "lease", "note", "alert_state", "admin_session", "sign_in_link"),
    *("decision", "decision_value", "popular_key", "map_refusal", "rejected_row"),
    *("stream_field", "reconcile_pass", "review_claim"),
    *("admin_user", "api_token", "stream_pause", "quarantine_ignore"),
}
"""Tables with a row for each stream (or field, or whole read of one), worker, setting, user, program or browser, for
what people decided, for what each reviewer looks at and for what is held back:
whoever reads one may read all of it."""

KINDS: dict[str, tuple[str | int, ...]] = {
    "connection": ("shop", "newsletter", "texts", "help"),
    "destination": ("shop", "newsletter", "texts", "help"),
    "stream": ("customers", "members", "numbers", "users", "orders"),
    "channel": ("email", "sms"),
    "purpose": ("marketing",),
    "brand": ("*",),
    "kind": ("pull",),
    "source": ("shop", "newsletter"),
    "segment": ("vip", "lapsed", "new"),
    "wanted": ("out", "in"),
    "lane": (0, 1, 2, 3),
}
"""Columns with few values, spread evenly."""

DONE = {
    "sync_run": "ok",
    "delivery": "confirmed",
    "alert_message": "sent",
    "notice": "delivered",
    "reconcile_pass": "done",
}
"""The status of all rows but one in a thousand, which are queued."""

MOSTLY_NULL = {"recheck_at", "next_try_at", "retry_at", "left_at", "revoked_at"}
MOSTLY_FALSE = {"deleted", "severe"}

STATEMENT = re.compile(r"\s*(SELECT|UPDATE|DELETE|INSERT|WITH)\b", re.IGNORECASE)
VALUE = r"(?:\?|%\(\w+\)s(?:::\w+(?:\(\d+\))?)?(?: COLLATE \"C\")?)"
VALUES = re.compile(rf"{VALUE}(?:, {VALUE})*")
LISTS = re.compile(r"\(…\)(?:, \(…\))*")


@dataclass
class Heard:
    """Statements by their shape: one of each, with the parameters that it was run with."""

    found: dict[str, tuple[str, Any]] = field(default_factory=dict)

    def hear(self, _db: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, many: bool) -> None:
        if STATEMENT.match(statement):
            self.found.setdefault(shape(statement), (statement, parameters[0] if many else parameters))


def shape(statement: str) -> str:
    """The statement on one line, each list of values as (…)."""
    return LISTS.sub("(…)", VALUES.sub("…", " ".join(statement.split())))


@contextmanager
def listening() -> Iterator[Heard]:
    """Hear everything that any engine of this process runs."""
    heard = Heard()
    event.listen(Engine, "before_cursor_execute", heard.hear)
    try:
        yield heard
    finally:
        event.remove(Engine, "before_cursor_execute", heard.hear)


def big_tables() -> set[str]:
    return {str(model.__tablename__) for model in (*tables.FACTS, *tables.DERIVED, *tables.OPERATING)} - SMALL


def fill(store: Store) -> None:
    """Put into PostgreSQL's tables what years leave behind, and let it look at them; SQLite never looks."""
    if store.is_sqlite:
        return
    for one in (table(model) for model in (*tables.FACTS, *tables.DERIVED, *tables.OPERATING)):
        store.write(lambda db, one=one: _fill(db, one))  # type: ignore[misc]
    with store.writer.connect() as db:
        db.execution_options(isolation_level="AUTOCOMMIT").execute(text("ANALYZE"))


def _fill(db: Connection, into: Table) -> None:
    names = ", ".join(f'"{column.name}"' for column in into.columns)
    values = ", ".join(_value(column) for column in into.columns)
    rows = ROWS // 1000 if into.name in SMALL and into.name != "decision" else ROWS
    db.exec_driver_sql(
        f'INSERT INTO "{into.name}" ({names}) SELECT {values} FROM generate_series(1, {rows}) AS n '
        "ON CONFLICT DO NOTHING"
    )


def _value(column: Column[Any]) -> str:
    """What a column holds in row n, as SQL."""
    name, kind = column.name, column.type
    if name == "status":
        return f"CASE WHEN n %% 1000 = 0 THEN 'queued' ELSE '{DONE[column.table.name]}' END"
    if name in KINDS:
        some = KINDS[name]
        each = " ".join(f"WHEN {at} THEN {one!r}" for at, one in enumerate(some))
        return f"CASE n %% {len(some)} {each} END"
    if name in MOSTLY_NULL and column.nullable:
        return f"CASE WHEN n %% 1000 = 0 THEN to_timestamp({BEGAN} + n) END"
    if isinstance(kind, Boolean):
        return f"n %% 1000 {'=' if name in MOSTLY_FALSE else '<>'} 0"
    if isinstance(kind, JsonText):
        return "'{}'"
    plain = {int: "n", float: "n", str: f"'{name}-' || n"}
    return plain.get(kind.python_type, f"to_timestamp({BEGAN} + n * 400)")


def scans(db: Connection, statement: str, parameters: Any) -> set[str]:
    """The big tables that the database would read from one end to the other for this statement."""
    if db.dialect.name == "sqlite":
        rows = db.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
        found = set(_scans_of_sqlite([row[3] for row in rows], statement))
    else:
        # our tables are in memory or on flash, and a planner that is told so shows what the indexes are worth
        db.exec_driver_sql("SET LOCAL random_page_cost = 1.1")
        db.exec_driver_sql("SET LOCAL enable_mergejoin = off")  # it walks along an index, and may stop early
        told = db.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", parameters).scalar_one()
        found = set(_scans_of_postgres(told[0]["Plan"], is_limited=False))
    return found & big_tables()


def _scans_of_sqlite(steps: list[str], statement: str) -> Iterator[str]:
    """A walk that ends at a LIMIT is none, when it goes along an index or nothing is left out on the way."""
    is_limited = "LIMIT" in statement and not any("TEMP B-TREE FOR ORDER BY" in step for step in steps)
    for step in steps:
        if found := re.match(r"SCAN (\w+)(.*)", step):
            ends_soon = is_limited and ("INDEX" in found[2] or " WHERE " not in statement)
            if not ends_soon:
                yield found[1]


def _scans_of_postgres(node: dict[str, Any], is_limited: bool) -> Iterator[str]:
    kind = node["Node Type"]
    along_index = kind in ("Index Scan", "Index Only Scan") and "Index Cond" not in node
    if kind == "Seq Scan" and not (is_limited and "Filter" not in node):
        yield node["Relation Name"]
    if along_index and not is_limited:
        yield node["Relation Name"]
    sorts = kind in ("Sort", "Aggregate", "Hash", "Unique")
    for child in node.get("Plans", ()):
        yield from _scans_of_postgres(child, (is_limited or kind == "Limit") and not sorts)
