"""Consent that a person is asked about: a no stands, and a later yes is plausible but not proven.

A question is named by its address and by all its evidence: when evidence comes in, it is another question.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from itertools import islice
from typing import Any

from sqlalchemy import Connection, select

from hub.access.masking import mask_key
from hub.consent.events import Event
from hub.queries.consent import consent_of_line
from hub.settings.settings import Settings
from hub.stages.consent import states
from hub.stages.ledger import Line, of_addresses
from hub.stages.relatives import contacts_holding
from hub.store.derived.consent import TO_LOOK_AT
from hub.store.operating.review import ReviewNote
from hub.store.sql import table

notes = table(ReviewNote)

CHUNK = 100
MARK = "c"
"""How the names begin, so that no question of another kind has the same."""


@dataclass(frozen=True, slots=True)
class ConsentAsked:
    """An open question. `at`: of the no that stands, whose event is `decided_by`."""

    name: str
    line: Line
    purpose: str
    brand: str
    at: datetime | None
    decided_by: str

    def address(self, masked: bool) -> str:
        return mask_key(self.line[1]) if masked else self.line[1]


def consent_questions(db: Connection, limit: int) -> list[ConsentAsked]:
    """Those that nobody has written anything about, in the order of their addresses."""
    return list(islice(_open(db), limit))


def consent_question(db: Connection, name: str) -> ConsentAsked | None:
    """The open question of that name; None where there is none, or none any more."""
    return next((one for one in _open(db) if one.name == name), None)


def told_of(db: Connection, settings: Settings, asked: ConsentAsked, masked: bool) -> dict[str, Any] | None:
    """What is known of the address for the purpose and brand in question, as `hub consent show` tells it.

    None where another policy has neither any more and nothing was derived since.
    """
    entries = consent_of_line(db, settings, asked.line, masked)["entries"]
    return next((one for one in entries if (one["purpose"], one["brand"]) == (asked.purpose, asked.brand)), None)


def holders_of(db: Connection, asked: ConsentAsked) -> list[str]:
    """The contacts that hold the address."""
    return sorted(contacts_holding(db, [asked.line]))


def _open(db: Connection) -> Iterator[ConsentAsked]:
    order = (states.c.channel, states.c.address, states.c.purpose, states.c.brand)
    query, done = select(states).where(TO_LOOK_AT).order_by(*order).limit(CHUNK), 0
    while rows := db.execute(query.offset(done)).all():
        evidence = of_addresses(db, {(row.channel, row.address) for row in rows})
        found = [_asked(row, evidence[row.channel, row.address]) for row in rows]
        named = select(notes.c.item).where(notes.c.item.in_([one.name for one in found]))
        looked_at = set(db.execute(named).scalars())
        yield from (one for one in found if one.name not in looked_at)
        done += len(rows)


def _asked(row: Any, known: Sequence[Event]) -> ConsentAsked:
    told = [row.channel, row.address, row.purpose, row.brand, *sorted(event.id for event in known)]
    name = MARK + sha256("\n".join(told).encode("utf-8", "backslashreplace")).hexdigest()[:24]
    decided_by = row.decided_by[0] if row.decided_by else ""
    return ConsentAsked(name, (row.channel, row.address), row.purpose, row.brand, row.at, decided_by)
