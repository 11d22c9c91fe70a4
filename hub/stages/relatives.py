"""What reaches an address from elsewhere: objections, holds of a record, complaints at the person's other addresses."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select, true

from hub.consent.events import HUB, Event
from hub.stages.bearing import Record, bearers_of, borne_by, name_of, told_of
from hub.stages.holdings import holdings, members, people
from hub.stages.homes import STORED, Homes
from hub.stages.land import landed
from hub.stages.ledger import RECORD_WIDE, Line, anything_reaches_further, event_of, events, reaches_further
from hub.store.sql import any_of, chunks


@dataclass(frozen=True, slots=True)
class Relatives:
    """`events` count for the address itself; `severe` are the times of complaints at the person's other addresses."""

    events: tuple[Event, ...]
    severe: tuple[datetime, ...]


def contacts_holding(db: Connection, lines: Sequence[Line]) -> set[str]:
    """The contacts of the records that tell consent of one of these addresses."""
    query = (
        select(members.c.contact_id)
        .join(holdings, holdings.c.record_id == members.c.record_id)
        .where(any_of((holdings.c.channel, holdings.c.address), lines))
    )
    return set(db.execute(query).scalars())


def contacts_bearing(db: Connection, lines: Iterable[Line]) -> set[str]:
    """The contacts of the records that bear one of these addresses, also where they tell no consent of it."""
    found = {bearer.record_id for of_line in bearers_of(db, lines).values() for bearer in of_line}
    return set(STORED.of_records(db, found).values())


def relatives_of(db: Connection, lines: Iterable[Line], homes: Homes = STORED) -> dict[Line, Relatives]:
    """Only addresses that anything reaches have an entry: complaints and objections are rare."""
    if not anything_reaches_further(db):
        return {}
    found: dict[Line, Relatives] = {}
    for some in chunks(lines, 200):
        found |= _some(db, some, homes)
    return found


def _some(db: Connection, lines: Sequence[Line], homes: Homes) -> dict[Line, Relatives]:
    holders = _holders(db, lines, homes)
    records = {record for of_line in holders.values() for record, _ in of_line}
    contacts = {contact for of_line in holders.values() for _, contact in of_line if contact}
    home_of = homes.of_contacts(db, contacts)
    family = _family(db, home_of)
    told = _told(db, records | {record for of_contact in family.values() for record in of_contact})
    by_hand = _by_hand(db, home_of)
    found: dict[Line, Relatives] = {}
    for line, of_line in holders.items():
        own = {record for record, _ in of_line}
        persons = sorted({contact for _, contact in of_line if contact})
        related = {record for contact in persons for record in family[contact]} | own
        recorded = [event for contact in persons for event in by_hand.get(contact, ())]
        relatives = _relatives(line, own, related, told, recorded)
        if relatives.events or relatives.severe:
            found[line] = relatives
    return found


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


def _by_hand(db: Connection, home_of: Mapping[int, str]) -> dict[str, list[Event]]:
    """Complaints that somebody recorded here: they name an address and no record. `home_of`: contacts by record id."""
    found: dict[str, list[Event]] = defaultdict(list)
    recorded = select(events).where(events.c.severe == true(), events.c.source == HUB)
    if not home_of or db.execute(recorded.limit(1)).first() is None:
        return found
    bearing: dict[Line, set[str]] = defaultdict(set)
    for record_id, lines in borne_by(db, home_of).items():
        for line in lines:
            bearing[line].add(home_of[record_id])
    for some in chunks(sorted(bearing)):
        for row in db.execute(recorded.where(any_of((events.c.channel, events.c.address), some))).mappings():
            for contact_id in sorted(bearing[row["channel"], row["address"]]):
                found[contact_id].append(event_of(row))
    return found


def _holders(db: Connection, lines: Sequence[Line], homes: Homes) -> dict[Line, list[tuple[Record, str | None]]]:
    """Each address's records with their contacts; a record counts also while nobody has resolved it."""
    found = bearers_of(db, lines)
    home = homes.of_records(db, (one.record_id for of_line in found.values() for one in of_line))
    return {line: [(one.name, home.get(one.record_id)) for one in sorted(of_line)] for line, of_line in found.items()}


def _family(db: Connection, home_of: Mapping[int, str]) -> dict[str, set[Record]]:
    """All person-bearing records of these contacts, and those that are gone from them: what these told still counts."""
    found: dict[str, set[Record]] = defaultdict(set)
    for some in chunks(sorted(home_of)):
        columns = (people.c.record_id, people.c.connection, people.c.stream, people.c.external_id, people.c.birth_id)
        home = {}
        for row in db.execute(select(*columns).where(people.c.record_id.in_(some))):
            home[row.birth_id] = home_of[row.record_id]
            found[home[row.birth_id]].add(name_of(row))
        for record, contact in _gone_from(db, home):
            found[contact].add(record)
    return found


def _gone_from(db: Connection, home: Mapping[str, str]) -> Iterator[tuple[Record, str]]:
    """The records that are gone, and their heirs among them; with the contact that inherited. `home`: by birth id."""
    known = dict(home)
    while home:
        left: dict[str, str] = {}
        for some in chunks(sorted(home)):
            for row in db.execute(select(landed).where(landed.c.heir.in_(some))):
                if row.birth_id not in known:
                    left[row.birth_id] = known[row.birth_id] = home[row.heir]
                    yield name_of(row), home[row.heir]
        home = left


def _told(db: Connection, records: Iterable[Record]) -> dict[Record, list[Event]]:
    found: dict[Record, list[Event]] = defaultdict(list)
    for some in chunks(sorted(records), 200):
        query = select(events).where(events.c.severe == true(), any_of((events.c.source, events.c.record), some))
        for row in db.execute(query).mappings():
            found[row["source"], row["record"]].append(event_of(row))
    return found


def addresses_touched_by(db: Connection, contact_ids: Iterable[str]) -> set[Line]:
    """The addresses of these contacts that have a state, if anybody ever told something that reaches further."""
    return told_of(db, STORED.of_contacts(db, contact_ids)) if anything_reaches_further(db) else set()


def addresses_let_go(db: Connection, record_ids: Iterable[int]) -> set[Line]:
    """The same of records that are about to change: what reached their addresses may reach them no longer."""
    asked = set(record_ids)
    return told_of(db, asked) if asked and anything_reaches_further(db) else set()


def addresses_reached(db: Connection, found: Iterable[Event]) -> set[Line]:
    """The addresses with a state of all contacts that these events may speak for."""
    reaching = [event for event in found if reaches_further(event)]
    if not reaching:
        return set()
    contacts = contacts_bearing(db, {(one.channel, one.address) for one in reaching if one.address})
    names = {(one.source, *one.record.partition(":")[::2]) for one in reaching if ":" in one.record}
    for some in chunks(sorted(names), 200):
        own = any_of((landed.c.connection, landed.c.stream, landed.c.external_id), some)
        query = select(members.c.contact_id).join(landed, landed.c.id == members.c.record_id).where(own)
        contacts.update(db.execute(query).scalars())
    return addresses_touched_by(db, contacts)
