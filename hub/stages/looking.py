"""Looks at some of the records that land, and keeps which fields they have: how schema drift is noticed.

Law: at most MOST_LOOKED records of a group of pages, so that looking costs next to nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import Connection, select, update

from hub.stages.place import Place
from hub.stages.runs import state_of, states
from hub.stages.shapes import Shape, masked, shape_of
from hub.store.operating.shapes import StreamField
from hub.store.sql import table, upsert

fields = table(StreamField)

MOST_LOOKED = 25
FAMILIAR = 20
"""A stream of which fewer records were looked at has no fields that are new."""

MOST_FIELDS = 400
"""Of one stream: some vendors have keys that are data."""


def look_at(db: Connection, place: Place, records: Iterable[Mapping[str, Any]], now: datetime) -> None:
    """Count the fields of these records of a group; `records` are the changed ones, in their order."""
    shapes = [shape_of(raw) for raw in islice(records, MOST_LOOKED) if isinstance(raw, Mapping)]
    state = state_of(db, place)
    if not shapes or not state:
        return
    before = state["looked"]
    known = _known(db, place)
    late = state["last_ok_at"] is not None and before >= FAMILIAR
    rows = [
        _row(place, key, known.get(key), found, before, now, late) for key, found in sorted(_counted(shapes).items())
    ]
    room = MOST_FIELDS - len(known)
    new = [row for row in rows if (row["field"], row["kind"]) not in known][:room]
    upsert(db, fields, [row for row in rows if (row["field"], row["kind"]) in known] + new)
    db.execute(_of(place).values(looked=before + len(shapes)))


def _known(db: Connection, place: Place) -> dict[tuple[str, str], Any]:
    own = (fields.c.connection == place.connection) & (fields.c.stream == place.stream)
    return {(row.field, row.kind): row for row in db.execute(select(fields).where(own))}


def _counted(shapes: list[Shape]) -> dict[tuple[str, str], tuple[int, int, Any]]:
    """By field and kind: in how many of the records, in which of them last, and the value there."""
    counts: Counter[tuple[str, str]] = Counter()
    last: dict[tuple[str, str], tuple[int, Any]] = {}
    for number, shape in enumerate(shapes, 1):
        counts.update(shape.keys())
        last.update((key, (number, value)) for key, value in shape.items())
    return {key: (counts[key], *last[key]) for key in counts}


def _row(
    place: Place,
    key: tuple[str, str],
    known: Any,
    found: tuple[int, int, Any],
    before: int,
    now: datetime,
    late: bool,
) -> dict[str, Any]:
    count, last, value = found
    return {
        "connection": place.connection,
        "stream": place.stream,
        "field": key[0],
        "kind": key[1],
        "first_seen_at": known.first_seen_at if known else now,
        "last_seen_at": now,
        "seen": count + (known.seen if known else 0),
        "first_look": known.first_look if known else before + 1,
        "last_look": before + last,
        "late": known.late if known else late,
        "sample": known.sample if known else masked(value),
    }


def _of(place: Place) -> Any:
    own = (states.c.connection == place.connection) & (states.c.stream == place.stream)
    return update(states).where(own)
