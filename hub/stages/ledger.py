"""Evidence in and out of the store: rows to events, events to rows, and the marks they leave."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import fields
from itertools import starmap
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection, RowMapping, select

from hub.consent.events import Event
from hub.store.derived.consent import ConsentMark
from hub.store.facts.evidence import ConsentEvent
from hub.store.sql import any_of, chunks, insert_new, table, upsert

events = table(ConsentEvent)
consent_marks = table(ConsentMark)

Line = tuple[str, str]
"""A channel and a normalised address."""

RECORD_WIDE = "*"
"""The channel of what belongs to a record and not to one address: an objection, a hold."""

_FIELDS = tuple(field.name for field in fields(Event))
_VALUES = attrgetter(*_FIELDS)
_COLUMNS = [events.c[name] for name in _FIELDS]
_REACHING = frozenset({"complaint", "legal"})


def keep(db: Connection, found: Iterable[Event]) -> None:
    """Write events that are not there yet, and let what they are about wait for the consent stage."""
    rows = [{**_row(event), "severe": reaches_further(event)} for event in found]
    insert_new(db, events, rows)
    mark(db, ((row["channel"], row["address"]) for row in rows if row["channel"] != RECORD_WIDE))


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
    rows = [{"channel": channel, "address": address, "mark": now} for channel, address in sorted(set(lines))]
    upsert(db, consent_marks, rows)


def event_of(row: RowMapping | Mapping[str, Any]) -> Event:
    return Event(**{name: row[name] for name in _FIELDS})


def of_addresses(db: Connection, lines: Iterable[Line]) -> dict[Line, list[Event]]:
    """The events of these addresses, by address."""
    found: dict[Line, list[Event]] = {line: [] for line in lines}
    for some in chunks(found, 200):
        query = select(*_COLUMNS).where(any_of((events.c.channel, events.c.address), some))
        for event in starmap(Event, db.execute(query).all()):
            found[event.channel, event.address].append(event)
    return found
