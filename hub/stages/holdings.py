"""Which records hold which addresses at present, kept by the map stage; and the contacts that wait because of it."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, delete, select

from hub.stages.land import landed
from hub.stages.ledger import Line, mark
from hub.store.derived.consent import ConsentHolding, SegmentMark
from hub.store.derived.identity import Membership
from hub.store.derived.mapped import ContactRecord
from hub.store.sql import any_of, chunks, table, upsert_rows
from mapping.models import Person

holdings = table(ConsentHolding)
segment_marks = table(SegmentMark)
people = table(ContactRecord)
members = table(Membership)

Owner = tuple[str, str, str]


def held_by(record_id: int, owner: Owner, person: Person) -> list[dict[str, Any]]:
    """A row for every address whose consent the record tells, each line once."""
    lines = {(one.channel, one.address, one.scope): one for one in person.consents}
    connection, stream, external_id = owner
    return [
        {
            "record_id": record_id,
            "position": position,
            "connection": connection,
            "stream": stream,
            "external_id": external_id,
            "channel": channel,
            "address": address,
            "scope": f"{connection}/{scope}" if scope else "",
            "state": said.state,
            "at": said.at,
        }
        for position, ((channel, address, scope), said) in enumerate(lines.items())
    ]


def let_go(db: Connection, record_ids: Iterable[int]) -> None:
    """Forget what these records held; their addresses wait for the consent stage."""
    for ids in chunks(record_ids):
        mark(db, addresses_of(db, ids))
        db.execute(delete(holdings).where(holdings.c.record_id.in_(ids)))


def addresses_of(db: Connection, record_ids: Iterable[int]) -> set[Line]:
    found: set[Line] = set()
    for ids in chunks(record_ids):
        query = select(holdings.c.channel, holdings.c.address).where(holdings.c.record_id.in_(ids))
        found.update((row.channel, row.address) for row in db.execute(query))
    return found


def lines_held(db: Connection, connection: str, records: Iterable[str]) -> dict[str, set[Line]]:
    """The addresses that these records of a connection hold now, by record."""
    found: dict[str, set[Line]] = {}
    for some in chunks(sorted(set(records))):
        query = select(holdings).where(holdings.c.connection == connection, holdings.c.external_id.in_(some))
        for row in db.execute(query):
            found.setdefault(row.external_id, set()).add((row.channel, row.address))
    return found


def mark_segments(db: Connection, contact_ids: Iterable[str]) -> None:
    """Mark contacts for the segment stage."""
    now = time.time_ns()
    upsert_rows(db, segment_marks, [(one, now) for one in sorted(set(contact_ids))])


def mark_owners(db: Connection, owners: Iterable[Owner]) -> None:
    """Something that hangs on these records has changed: their contacts' segments may change with it."""
    key = (landed.c.connection, landed.c.stream, landed.c.external_id)
    found: set[str] = set()
    for some in chunks(sorted(set(owners)), 200):
        query = select(members.c.contact_id).join(landed, landed.c.id == members.c.record_id).where(any_of(key, some))
        found.update(db.execute(query).scalars())
    mark_segments(db, found)
