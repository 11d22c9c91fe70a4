"""What reaches an address from elsewhere: objections, holds of a record, complaints at the person's other addresses."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, true, tuple_

from hub.consent.events import HUB, Event
from hub.stages.holdings import holdings, members, people
from hub.stages.ledger import RECORD_WIDE, Line, event_of, events
from hub.store.sql import chunks


@dataclass(frozen=True, slots=True)
class Relatives:
    """`events` count for the address itself; `severe` are the times of complaints at the person's other addresses."""

    events: tuple[Event, ...]
    severe: tuple[datetime, ...]


def contacts_holding(db: Connection, lines: Sequence[Line]) -> set[str]:
    """The contacts of the records that hold one of these addresses."""
    query = (
        select(members.c.contact_id)
        .join(holdings, holdings.c.record_id == members.c.record_id)
        .where(tuple_(holdings.c.channel, holdings.c.address).in_(lines))
    )
    return set(db.execute(query).scalars())


def relatives_of(db: Connection, lines: Iterable[Line]) -> dict[Line, Relatives]:
    """Only addresses that anything reaches have an entry: complaints and objections are rare."""
    if db.execute(select(events.c.id).where(events.c.severe == true()).limit(1)).first() is None:
        return {}
    found: dict[Line, Relatives] = {}
    for some in chunks(lines, 200):
        found |= _some(db, some)
    return found


def _some(db: Connection, lines: Sequence[Line]) -> dict[Line, Relatives]:
    holders = _holders(db, lines)
    records = {record for of_line in holders.values() for record, _ in of_line}
    contacts = {contact for of_line in holders.values() for _, contact in of_line if contact}
    family = _family(db, contacts)
    told = _told(db, records | {record for of_contact in family.values() for record in of_contact})
    by_hand = _by_hand(db, contacts)
    found: dict[Line, Relatives] = {}
    for line, of_line in holders.items():
        own = {record for record, _ in of_line}
        related = {record for _, contact in of_line if contact for record in family[contact]} | own
        recorded = [event for _, contact in of_line if contact for event in by_hand.get(contact, ())]
        relatives = _relatives(line, own, related, told, recorded)
        if relatives.events or relatives.severe:
            found[line] = relatives
    return found


Record = tuple[str, str]
"""Connection, and "stream:external id": how an event names the record that told it."""


def _relatives(
    line: Line, own: set[Record], related: set[Record], told: dict[Record, list[Event]], by_hand: Iterable[Event]
) -> Relatives:
    reaching: list[Event] = []
    severe = [_when(event) for event in by_hand if event.channel == line[0] and event.address != line[1]]
    for record in sorted(related):
        for event in told.get(record, ()):
            if event.channel == RECORD_WIDE:
                if event.action != "hold" or record in own:
                    reaching.append(event)
            elif event.action != "hold" and event.channel == line[0] and event.address != line[1]:
                severe.append(_when(event))
    return Relatives(tuple(reaching), tuple(sorted(severe)))


def _when(event: Event) -> datetime:
    return event.occurred_at or event.observed_at


def _by_hand(db: Connection, contacts: Iterable[str]) -> dict[str, list[Event]]:
    """Complaints that somebody recorded here: they name an address and no record."""
    found: dict[str, list[Event]] = defaultdict(list)
    for some in chunks(sorted(contacts)):
        query = (
            select(events, members.c.contact_id)
            .join(holdings, (holdings.c.channel == events.c.channel) & (holdings.c.address == events.c.address))
            .join(members, members.c.record_id == holdings.c.record_id)
            .where(events.c.severe == true(), events.c.source == HUB, members.c.contact_id.in_(some))
        )
        for row in db.execute(query).mappings():
            found[row["contact_id"]].append(event_of(row))
    return found


def _holders(db: Connection, lines: Sequence[Line]) -> dict[Line, list[tuple[Record, str | None]]]:
    """Each address's records with their contacts; a record counts also while nobody has resolved it."""
    query = (
        select(holdings, members.c.contact_id)
        .outerjoin(members, members.c.record_id == holdings.c.record_id)
        .where(tuple_(holdings.c.channel, holdings.c.address).in_(lines))
    )
    found: dict[Line, list[tuple[Record, str | None]]] = defaultdict(list)
    for row in db.execute(query):
        found[row.channel, row.address].append((_name(row), row.contact_id))
    return found


def _family(db: Connection, contacts: Iterable[str]) -> dict[str, set[Record]]:
    """All person-bearing records of these contacts."""
    found: dict[str, set[Record]] = defaultdict(set)
    for some in chunks(sorted(contacts)):
        query = (
            select(people.c.connection, people.c.stream, people.c.external_id, members.c.contact_id)
            .join(members, members.c.record_id == people.c.record_id)
            .where(members.c.contact_id.in_(some))
        )
        for row in db.execute(query):
            found[row.contact_id].add(_name(row))
    return found


def _name(row: Any) -> Record:
    return row.connection, f"{row.stream}:{row.external_id}"


def _told(db: Connection, records: Iterable[Record]) -> dict[Record, list[Event]]:
    found: dict[Record, list[Event]] = defaultdict(list)
    for some in chunks(sorted(records), 200):
        query = select(events).where(events.c.severe == true(), tuple_(events.c.source, events.c.record).in_(some))
        for row in db.execute(query).mappings():
            found[row["source"], row["record"]].append(event_of(row))
    return found


def addresses_touched_by(db: Connection, contact_ids: Iterable[str]) -> set[Line]:
    """The addresses of these contacts, if any of their records told something that reaches further."""
    if db.execute(select(events.c.id).where(events.c.severe == true()).limit(1)).first() is None:
        return set()
    found: set[Line] = set()
    for some in chunks(sorted(set(contact_ids))):
        query = (
            select(holdings.c.channel, holdings.c.address)
            .join(members, members.c.record_id == holdings.c.record_id)
            .where(members.c.contact_id.in_(some))
        )
        found.update((row.channel, row.address) for row in db.execute(query))
    return found
