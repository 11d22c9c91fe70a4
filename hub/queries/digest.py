"""The digest: one hash per table of a canonical dump, so that two databases can be compared by content.

Rows are sorted by bytes; surrogate ids are replaced by natural keys; wall-clock times and work marks are left out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from typing import Any

import orjson
from sqlalchemy import Connection, Table, select
from sqlmodel import SQLModel

from hub.stages.land import landed
from hub.stages.reading import decision_links, decision_pins, decisions
from hub.stages.sights import deliveries
from hub.store.sql import table
from hub.store.tables import DERIVED, FACTS

LEFT_OUT = frozenset(
    {"id", "born", "landed_at", "last_seen_at", "first_seen_at", "decided_at", "mark", "decision_id", "mapped"}
    | {"versions", "observed_at", "latest_at", "known_since", "told_at", "recheck_at", "entered_at", "left_at"}
)
"""Surrogate ids, counters, times of this machine's clock, and marks of work in progress."""

NATURAL = frozenset({("contact", "id"), ("consent_event", "id")})
"""Ids that are no counters: a contact's public id, and the hash of what makes an event that event."""

OUR_TIMES = frozenset({("consent_state", "at"), ("consent_gap", "at")})
"""Times that may be those at which this machine learned of something."""

WORKSHOP = frozenset({"resolve_mark", "golden_mark", "consent_mark", "segment_mark", "delivery_attempt"})
"""Tables of work in progress, and of how often something was tried."""

SETTLED = ("confirmed", "vendor_locked", "not_held", "unsupported", "rejected", "dead", "waived")

RECORD_COLUMNS = frozenset({"record_id", "left_id", "right_id"})


def digest(db: Connection) -> dict[str, dict[str, str]]:
    """{"facts": {table: sha256}, "derived": {table: sha256}}."""
    return {
        "facts": {name: hash_of(rows) for name, rows in dump(db, FACTS)},
        "derived": {name: hash_of(rows) for name, rows in dump(db, DERIVED)},
    }


_KEYS = select(landed.c.id, landed.c.connection, landed.c.stream, landed.c.external_id)


def dump(db: Connection, models: Iterable[type[SQLModel]]) -> Iterator[tuple[str, Iterator[bytes]]]:
    """Each table's name and its rows, in no order, as the digest looks at them."""
    keys = {row.id: [row.connection, row.stream, row.external_id] for row in db.execute(_KEYS)}
    for model in models:
        source = table(model)
        if source.name in WORKSHOP:
            continue
        special = {decisions.name: _decisions, deliveries.name: _deliveries}.get(source.name)
        yield str(source.name), special(db) if special else _rows(db, source, keys)


def _rows(db: Connection, source: Table, keys: dict[int, list[str]]) -> Iterator[bytes]:
    kept = [column for column in source.columns if _is_kept(source, column.name)]
    for row in db.execute(select(*kept)):
        named = {column.name: _natural(column.name, value, keys) for column, value in zip(kept, row, strict=True)}
        yield orjson.dumps(named, option=orjson.OPT_SORT_KEYS)


def _is_kept(source: Table, column: str) -> bool:
    return (column not in LEFT_OUT or (source.name, column) in NATURAL) and (source.name, column) not in OUR_TIMES


def _natural(column: str, value: Any, keys: dict[int, list[str]]) -> Any:
    if column in RECORD_COLUMNS and isinstance(value, int):
        return keys[value]
    if column == "echo_of":
        return bool(value)
    return _with_keys(value, keys) if column == "others" else value


def _with_keys(others: list[dict[str, Any]], keys: dict[int, list[str]]) -> list[dict[str, Any]]:
    return [{"value": lost["value"], "record": keys[lost["record_id"]]} for lost in others]


def _decisions(db: Connection) -> Iterator[bytes]:
    """A decision by what it says, not by its number."""
    links: dict[int, list[list[str]]] = {}
    for row in db.execute(select(decision_links)):
        links.setdefault(row.decision_id, []).append([row.left_id, row.right_id, row.link])
    pins: dict[int, list[list[Any]]] = {}
    for row in db.execute(select(decision_pins).order_by(decision_pins.c.field)):
        pins.setdefault(row.decision_id, []).append([row.birth_id, row.field, row.value])
    for row in db.execute(select(decisions)):
        said = [row.kind, row.author, row.reason, row.revoked_at is not None, sorted(links.get(row.id, []))]
        said.append(pins.get(row.id, []))
        yield orjson.dumps(said)


def _deliveries(db: Connection) -> Iterator[bytes]:
    """What arrived or was refused, each once: how many tries it took is no matter."""
    settled = deliveries.c.status.in_(SETTLED)
    query = select(
        deliveries.c.destination,
        deliveries.c.record,
        deliveries.c.address,
        deliveries.c.field,
        deliveries.c.wanted,
        deliveries.c.reason,
        deliveries.c.decided_by,
        deliveries.c.status,
    )
    for row in db.execute(query.where(settled).distinct()):
        yield orjson.dumps(list(row))


def hash_of(rows: Iterable[bytes]) -> str:
    """One hash of rows in any order."""
    total = hashlib.sha256()
    for row in sorted(rows):
        total.update(row + b"\n")
    return total.hexdigest()
