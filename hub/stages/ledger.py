"""Evidence in and out of the store: rows to events, events to rows, and the marks they leave."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import fields
from itertools import starmap
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection, RowMapping, select, true

from hub.consent.events import Event
from hub.store.derived.consent import ConsentMark
from hub.store.facts.evidence import ConsentEvent
from hub.store.sql import any_of, chunks, insert_new, table, upsert_rows

events = table(ConsentEvent)
consent_marks = table(ConsentMark)

Line = tuple[str, str]
"""A channel and a normalised address."""

RECORD_WIDE = "*"
"""The channel of what belongs to a record and not to one address: an objection, a hold."""

_FIELDS = tuple(field.name for field in fields(Event))
_VALUES = attrgetter(*_FIELDS)
_COLUMNS = [events.c[name] for name in _FIELDS]
_SEVERE = select(events.c.source).where(events.c.severe == true()).order_by(events.c.source, events.c.record).limit(1)
_REACHING = frozenset({"complaint", "legal"})


def keep(db: Connection, found: Iterable[Event]) -> None:
    """Write events that are not there yet, and let what they are about wait for the consent stage."""
    found = list(found)
    keep_of_marked(db, found)
    mark(db, ((event.channel, event.address) for event in found if event.channel != RECORD_WIDE))


def keep_of_marked(db: Connection, found: Iterable[Event]) -> None:
    """Write events that are not there yet, of addresses that this transaction has marked already."""
    insert_new(db, events, [{**_row(event), "severe": reaches_further(event)} for event in found])


def anything_reaches_further(db: Connection) -> bool:
    """Whether any severe event was ever kept; by the index of these, which a planner without statistics passes by."""
    return db.execute(_SEVERE).first() is not None


def _row(event: Event) -> dict[str, Any]:
    return dict(zip(_FIELDS, _VALUES(event), strict=True))


def reaches_further(event: Event) -> bool:
    """Whether it may speak for other addresses of the person too: such an event is kept as severe."""
    if event.channel == RECORD_WIDE or (event.action == "hold" and event.value == "quarantined"):
        return True
    no_to_everything = event.action == "withdraw" and (event.purpose == "*" or event.method == "complaint")
    return no_to_everything or (event.action == "suppress" and event.value in _REACHING)


def mark(db: Connection, lines: Iterable[Line]) -> None:
    """Mark addresses for the consent stage; in byte order, against deadlocks."""
    now = time.time_ns()
    upsert_rows(db, consent_marks, [(*line, now) for line in sorted(set(lines))])


def event_of(row: RowMapping | Mapping[str, Any]) -> Event:
    return Event(**{name: row[name] for name in _FIELDS})


def of_addresses(db: Connection, lines: Iterable[Line]) -> dict[Line, list[Event]]:
    """The events of these addresses, by address."""
    found: dict[Line, list[Event]] = {line: [] for line in lines}
    for some in chunks(found):
        query = select(*_COLUMNS).where(any_of((events.c.channel, events.c.address), some))
        for event in starmap(Event, db.execute(query).all()):
            found[event.channel, event.address].append(event)
    return found
