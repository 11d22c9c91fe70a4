"""Keeps the no of a record that went to quarantine: its addresses are held until it can be read, or a person looks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection, select, true

from hub.consent.events import Event
from hub.consent.salvage import addresses_in, may_hold_a_no
from hub.consent.sightings import event_id
from hub.stages.ledger import anything_reaches_further, event_of, events, keep
from hub.stages.place import Place
from hub.store.sql import any_of, chunks

QUARANTINED = "quarantined"


def hold_unreadable(
    db: Connection, place: Place, region: str | None, unread: Iterable[tuple[str, str]], now: datetime
) -> None:
    """(record id, its text as it came): what may be a no holds every address in it."""
    found = []
    for record, text in unread:
        if not may_hold_a_no(text):
            continue
        for channel, address in addresses_in(text, region):
            line = (place.connection, place.stream, record, channel, address)
            found.append(
                Event(
                    event_id(*line, QUARANTINED),
                    channel,
                    address,
                    "hold",
                    now,
                    place.connection,
                    record=f"{place.stream}:{record}",
                    value=QUARANTINED,
                )
            )
    keep(db, found)


def release_readable(db: Connection, place: Place, records: Sequence[str], now: datetime) -> None:
    """These records can be read now: what they say is evidence, and their holds are over."""
    for some in chunks(records if anything_reaches_further(db) else ()):
        names = [(place.connection, f"{place.stream}:{record}") for record in some]
        query = select(events).where(
            events.c.severe == true(),
            events.c.value == QUARANTINED,
            any_of((events.c.source, events.c.record), names),
        )
        held = [event_of(row) for row in db.execute(query).mappings()]
        keep(
            db,
            [
                Event(
                    event_id(one.id, "released"),
                    one.channel,
                    one.address,
                    "lift",
                    now,
                    one.source,
                    record=one.record,
                    value="hold",
                    method="sync_state",
                    lifts=one.id,
                )
                for one in held
            ],
        )
