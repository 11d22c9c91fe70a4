"""What a person states about consent in the hub itself: a no, a yes with its proof, a stop, the end of a stop.

A yes or no is an event of the address. An objection belongs to the contact's anchor record, and with it to whatever
contact holds that record later; it reaches all addresses of that contact.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Literal

from sqlalchemy import Connection, select

from hub import audit
from hub.consent.events import EVERYTHING, HUB, PERSON_ACTS, PERSON_NOES, Event, Precision
from hub.consent.noes import SEVERE
from hub.stages.holdings import members, people
from hub.stages.ledger import RECORD_WIDE, Line, event_of, events, keep, mark
from hub.stages.relatives import addresses_reached, addresses_touched_by, contacts_bearing, relatives_of
from hub.store.jsontext import storable

YES_METHODS = tuple(sorted(PERSON_ACTS - {"keyword"}))
"""A keyword is an answer to the sender that it was sent to: only that one can have heard it."""

NO_METHODS = tuple(sorted(PERSON_NOES))
SUPPRESSIONS = ("complaint", "hard_bounce", "invalid", "legal", "manual")


class CannotRecord(Exception):
    """The statement lacks something or makes no sense; the message says what, in the words of the command line."""


class NoSuchStop(CannotRecord):
    """The stop that is to be lifted is none of this address."""


class NeedsPerson(CannotRecord):
    """Only somebody who is named on purpose may end this stop."""


class KeyUsed(CannotRecord):
    """The key of the request was used for another statement before."""


@dataclass(frozen=True, slots=True)
class Statement:
    """What was said, when, and who says so. `at` is UTC; with the precision "date" its day counts, in `zone`.

    `reason`: of a suppression one of SUPPRESSIONS, of a lift any words. `actor`: who records it.
    `key`: of a request that may come again: it is the same statement then, and is written once for ever.
    """

    actor: str
    at: datetime | None = None
    precision: Precision = "second"
    zone: str = ""
    method: str = ""
    wording: str = ""
    evidence: str = ""
    reason: str = ""
    purpose: str = "marketing"
    brand: str = EVERYTHING
    key: str = ""


def was_said(db: Connection, key: str) -> bool:
    """Whether a statement with this key was recorded before."""
    return db.execute(select(events.c.id).where(events.c.id == _id(key, 0))).first() is not None


def _id(key: str, position: int) -> str:
    """The id of the events of one statement: by its key, or of their own."""
    return hashlib.sha256(f"{key}\n{position}".encode()).hexdigest()[:32] if key else secrets.token_hex(16)


def withdraw(db: Connection, lines: Sequence[Line], said: Statement) -> list[str]:
    """Record a no to these addresses; it needs nothing else. The events' ids. Raises CannotRecord."""
    if said.method and said.method not in NO_METHODS:
        raise CannotRecord(f"--method of a withdrawal is one of {', '.join(NO_METHODS)}")
    return _keep(db, [_event(line, "withdraw", said, at) for at, line in enumerate(lines)])


def leave(db: Connection, line: Line, event_id: str, actor: str) -> None:
    """Note that a person has looked at a no (by its event) and leaves it as it is; no evidence is written."""
    audit.note(db, datetime.now(UTC), actor, "consent.leave", f"event:{event_id}", {"channel": line[0]})


def grant(db: Connection, line: Line, said: Statement) -> list[str]:
    """Record a yes of the person: when and how it was said, and what proves it. Raises CannotRecord."""
    if missing := _missing(said):
        raise CannotRecord(f"a yes needs its proof; what is missing: {'; '.join(missing)}")
    return _keep(db, [replace(_event(line, "grant", said), basis="express")])


def _missing(said: Statement) -> list[str]:
    missing = []
    if said.at is None:
        missing.append("--at, when the person said yes")
    if said.method not in YES_METHODS:
        missing.append(f"--method, how they said it: {', '.join(YES_METHODS)}")
    if said.method == "checkbox" and not said.wording:
        missing.append("--wording, what stood beside the box")
    elif said.method == "agent" and not said.evidence:
        missing.append("--evidence, what the agent's word rests on")
    elif not (said.wording or said.evidence):
        missing.append("--evidence or --wording, what shows it")
    if not said.actor:
        missing.append("--by, who records it")
    return missing


def suppress(db: Connection, lines: Sequence[Line], said: Statement) -> list[str]:
    """Stop sending to these addresses until somebody lifts it. Raises CannotRecord."""
    if said.reason not in SUPPRESSIONS:
        raise CannotRecord(f"--reason of a suppression is one of {', '.join(SUPPRESSIONS)}")
    return _keep(db, [replace(_event(line, "suppress", said, at), value=said.reason) for at, line in enumerate(lines)])


def object_(db: Connection, contact_id: str, said: Statement) -> list[str]:
    """Record that a person wants no marketing at all, on their anchor record: the one that was born first."""
    anchor = db.execute(
        select(people.c.connection, people.c.stream, people.c.external_id)
        .join(members, members.c.record_id == people.c.record_id)
        .where(members.c.contact_id == contact_id)
        .order_by(people.c.born, people.c.record_id)
        .limit(1)
    ).one()
    told = replace(
        _event((RECORD_WIDE, ""), "object", said),
        source=anchor.connection,
        record=f"{anchor.stream}:{anchor.external_id}",
    )
    return _keep(db, [told], [contact_id])


def lift(db: Connection, lines: Sequence[Line], event_id: str, said: Statement, named: bool) -> list[str]:
    """End one stop of an address: a suppression, a hold or an objection. Raises CannotRecord.

    `named`: whoever records it was named on purpose, which a complaint, a legal stop and an objection need.
    """
    reaching = {event.id: event for one in relatives_of(db, lines).values() for event in one.events}
    found = reaching.get(event_id) or _own(db, lines, event_id)
    if found is None:
        raise NoSuchStop(f"no stop of this address has the id {event_id!r}: hub consent show lists its events")
    if not said.reason:
        raise CannotRecord("a lift needs --reason")
    if not named and (found.value in SEVERE or found.action == "object"):
        raise NeedsPerson("only a named person with a reason ends this: --by and --reason")
    ended = Event(
        id=_id(said.key, 0),
        channel=found.channel,
        address=found.address,
        action="lift",
        observed_at=datetime.now(UTC),
        source=found.source if found.channel == RECORD_WIDE else HUB,
        record=found.record if found.channel == RECORD_WIDE else "",
        value=storable(said.reason),
        method="agent",
        lifts=event_id,
        evidence=storable(said.evidence),
        actor=storable(said.actor),
    )
    return _keep(db, [ended], contacts_bearing(db, lines) if found.channel == RECORD_WIDE else ())


_STOPS = ("suppress", "hold", "object")


def _own(db: Connection, lines: Iterable[Line], event_id: str) -> Event | None:
    row = db.execute(select(events).where(events.c.id == event_id, events.c.action.in_(_STOPS))).mappings().first()
    return event_of(row) if row is not None and (row["channel"], row["address"]) in set(lines) else None


def _event(
    line: Line, action: Literal["grant", "withdraw", "suppress", "object"], said: Statement, position: int = 0
) -> Event:
    event = Event(
        id=_id(said.key, position),
        channel=line[0],
        address=line[1],
        action=action,
        observed_at=datetime.now(UTC),
        source=HUB,
        purpose=storable(said.purpose),
        brand=storable(said.brand),
        method=said.method or "agent",
        occurred_at=said.at,
        precision=said.precision,
        zone=said.zone,
        wording=storable(said.wording),
        evidence=storable(said.evidence),
        actor=storable(said.actor),
    )
    at = event.earliest()
    if at is not None and at > event.observed_at:
        raise CannotRecord(f"--at lies in the future: {said.at:%Y-%m-%d %H:%M} UTC")
    return event


def _keep(db: Connection, found: Sequence[Event], contact_ids: Iterable[str] = ()) -> list[str]:
    """Write the events, also into the audit; what they reach waits for the consent stage. Raises KeyUsed."""
    known = _said_before(db, found)
    keep(db, found)
    for event in (one for one in found if one.id not in known):
        told = {"channel": event.channel, "method": event.method}
        audit.note(
            db, event.observed_at, event.actor or "unknown", f"consent.{event.action}", f"event:{event.id}", told
        )
    mark(db, addresses_touched_by(db, contact_ids) | addresses_reached(db, found))
    return [event.id for event in found]


def _said_before(db: Connection, found: Sequence[Event]) -> set[str]:
    """The ids of those that are there already. They must say the same; when the hub learned of it may differ."""
    own = {event.id: event for event in found}
    known = [event_of(row) for row in db.execute(select(events).where(events.c.id.in_(own))).mappings()]
    if any(replace(own[one.id], observed_at=one.observed_at) != one for one in known):
        raise KeyUsed("this key was used for another statement before: take a new one")
    return {one.id for one in known}
