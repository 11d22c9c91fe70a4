"""Evidence in and out of the store: rows to events, events to rows, and the marks they leave."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import asdict, fields
from typing import Any

from sqlalchemy import Connection, RowMapping, select, tuple_

from hub.consent.events import Event
from hub.store.derived.consent import ConsentMark
from hub.store.facts.evidence import ConsentEvent
from hub.store.sql import chunks, insert_new, table, upsert

events = table(ConsentEvent)
consent_marks = table(ConsentMark)

Line = tuple[str, str]
"""A channel and a normalised address."""

RECORD_WIDE = "*"
"""The channel of what belongs to a record and not to one address: an objection, a hold."""

_FIELDS = tuple(field.name for field in fields(Event))
_REACHING = frozenset({"complaint", "legal"})


def keep(db: Connection, found: Iterable[Event]) -> None:
    """Write events that are not there yet, and let what they are about wait for the consent stage."""
    rows = [{**asdict(event), "severe": _reaches_further(event)} for event in found]
    insert_new(db, events, rows)
    mark(db, ((row["channel"], row["address"]) for row in rows if row["channel"] != RECORD_WIDE))


def _reaches_further(event: Event) -> bool:
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
        query = select(events).where(tuple_(events.c.channel, events.c.address).in_(some))
        for row in db.execute(query).mappings():
            found[row["channel"], row["address"]].append(event_of(row))
    return found
