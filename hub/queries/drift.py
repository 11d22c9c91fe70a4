"""Schema drift: the fields of a stream that are new, of another kind, or gone, and words that no mapping knows."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, select

from hub.stages.land import landed
from hub.stages.looking import fields
from hub.stages.map import remarks
from hub.stages.runs import states

TOLD_FOR = timedelta(days=30)
"""How long a field is new."""

STEADY = 0.95
"""The share of the records that a field must have been in, to be missed."""

MISSED_AFTER = 20
"""So many records looked at, before a field was steady, and since it was seen last."""

UNKNOWN_WORDS = ("consent_unknown",)


def drift(db: Connection, now: datetime) -> list[dict[str, Any]]:
    """{"connection", "stream", "field", "what", "kind", "first_seen_at", "sample", "location", "records"}, sorted.

    `what`: new, retyped (it had another kind before), gone (`first_seen_at`: when it was seen last), unknown_word.
    """
    looked = {(row.connection, row.stream): row.looked for row in db.execute(select(states))}
    by_field: dict[tuple[str, str, str], list[Any]] = defaultdict(list)
    for row in db.execute(select(fields)):
        by_field[row.connection, row.stream, row.field].append(row)
    notes = [note for rows in by_field.values() for note in _of_field(rows, looked, now)]
    return sorted(
        notes + _words(db), key=lambda note: (note["connection"], note["stream"], note["field"], note["what"])
    )


def _of_field(rows: list[Any], looked: dict[tuple[str, str], int], now: datetime) -> list[dict[str, Any]]:
    late = [row for row in rows if row.late]
    what = "retyped" if len(late) < len(rows) else "new"
    notes = [_note(row, what, row.first_seen_at) for row in late if row.first_seen_at > now - TOLD_FOR]
    newest = max(rows, key=lambda row: row.last_look)
    first, seen = min(row.first_look for row in rows), sum(row.seen for row in rows)
    missed = looked.get((newest.connection, newest.stream), 0) - newest.last_look
    if seen >= MISSED_AFTER <= missed and seen >= STEADY * (newest.last_look - first + 1):
        notes.append(_note(newest, "gone", newest.last_seen_at))
    return notes


def _note(row: Any, what: str, at: datetime) -> dict[str, Any]:
    return {
        "connection": row.connection,
        "stream": row.stream,
        "field": row.field,
        "what": what,
        "kind": row.kind,
        "first_seen_at": at,
        "sample": row.sample,
        "location": "",
        "records": row.seen,
    }


def _words(db: Connection) -> list[dict[str, Any]]:
    """Words of the vendor that count as unreadable until the mapping knows them: their addresses are held."""
    key = (landed.c.connection, landed.c.stream, remarks.c.field, remarks.c.location)
    query = (
        select(*key, func.min(landed.c.landed_at).label("first_seen_at"), func.count().label("records"))
        .join(landed, landed.c.id == remarks.c.record_id)
        .where(remarks.c.code.in_(UNKNOWN_WORDS))
        .group_by(*key)
    )
    more = {"what": "unknown_word", "kind": "text", "sample": ""}
    return [{**row, **more} for row in db.execute(query).mappings()]
