"""Which records bear which addresses, also where they tell no consent of them: by what they hold, by their own fields.

Law: what a record bears is read from the record itself. The search terms of contacts only lead to those that may: they
name every value of every record, also the role mailboxes and the odd numbers that the key index of identity leaves out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from hub.stages.holdings import addresses_of, holdings, members, people
from hub.stages.land import landed
from hub.stages.ledger import Line, events
from hub.store.derived.golden import ContactTerm
from hub.store.sql import among, any_of, chunks, table

terms = table(ContactTerm)

PHONE_CHANNELS = ("sms", "whatsapp", "voice")

CHUNK = 200

Record = tuple[str, str]
"""Connection, and "stream:external id": how an event names the record that told it."""

_NAME = (people.c.connection, people.c.stream, people.c.external_id)
_FOUND = select(terms.c.contact_id).where(among(terms.c.term, "terms")).distinct()
_OF_CONTACTS = (
    select(people.c.record_id, *_NAME, people.c.fields)
    .join(members, members.c.record_id == people.c.record_id)
    .where(among(members.c.contact_id, "contacts"))
)
_FIELDS = select(people.c.record_id, people.c.fields).where(among(people.c.record_id, "records"))
_HELD = select(holdings.c.record_id, holdings.c.channel, holdings.c.address).where(
    among(holdings.c.record_id, "records")
)
_KNOWN = [
    select(told.c.channel, told.c.address)
    .where(told.c.channel.in_(("email", *PHONE_CHANNELS)), among(told.c.address, "addresses"))
    .distinct()
    for told in (events, holdings)
]


@dataclass(frozen=True, slots=True, order=True)
class Bearer:
    """A record that bears an address."""

    record_id: int
    name: Record


def name_of(row: Any) -> Record:
    """Of a row with connection, stream and external_id."""
    return row.connection, f"{row.stream}:{row.external_id}"


def lines_in(fields: Mapping[str, Any]) -> set[Line]:
    """The addresses in the fields of a contact record; a phone is one on each of its channels."""
    mails = {("email", one["key"]) for one in fields.get("emails", ())}
    return mails | {(channel, one["value"]) for one in fields.get("phones", ()) for channel in PHONE_CHANNELS}


def bearers_of(db: Connection, lines: Iterable[Line]) -> dict[Line, set[Bearer]]:
    """The records that bear each of these addresses; one that nobody has resolved counts where it tells of consent."""
    found: dict[Line, set[Bearer]] = defaultdict(set)
    for some in chunks(lines, CHUNK):
        held = any_of((holdings.c.channel, holdings.c.address), some)
        for row in db.execute(select(holdings).where(held)):
            found[row.channel, row.address].add(Bearer(row.record_id, name_of(row)))
        wanted = set(some)
        for row in _of_contacts_named(db, some):
            for line in lines_in(row.fields) & wanted:
                found[line].add(Bearer(row.record_id, name_of(row)))
    return found


def _of_contacts_named(db: Connection, lines: Sequence[Line]) -> Sequence[Any]:
    """The records of all contacts that are found by one of these addresses."""
    asked = {address.lstrip("+") for channel, address in lines if channel in ("email", *PHONE_CHANNELS)}
    contacts = db.execute(_FOUND, {"terms": asked}).scalars().all() if asked else ()
    return db.execute(_OF_CONTACTS, {"contacts": contacts}).all() if contacts else ()


def borne_by(db: Connection, record_ids: Iterable[int]) -> dict[int, set[Line]]:
    """The addresses that each of these records bears."""
    found: dict[int, set[Line]] = defaultdict(set)
    if not (asked := set(record_ids)):
        return found
    for held in db.execute(_HELD, {"records": asked}):
        if held.address:
            found[held.record_id].add((held.channel, held.address))
    for person in db.execute(_FIELDS, {"records": asked}):
        found[person.record_id] |= lines_in(person.fields)
    return found


def borne_by_named(db: Connection, connection: str, stream: str, external_id: str) -> set[Line]:
    """The addresses that the record with this name bears."""
    own = (landed.c.connection == connection, landed.c.stream == stream, landed.c.external_id == external_id)
    found = borne_by(db, db.execute(select(landed.c.id).where(*own)).scalars())
    return {line for lines in found.values() for line in lines}


def told_of(db: Connection, record_ids: Iterable[int]) -> set[Line]:
    """The addresses that these records bear and of which anything is known: no other one has a state."""
    asked = set(record_ids)
    held = addresses_of(db, asked)
    silent = {line for own in borne_by(db, asked).values() for line in own} - held
    return held | _known(db, silent)


def told_by(db: Connection, record_ids: Iterable[int]) -> dict[int, set[Line]]:
    """The same by record."""
    asked = set(record_ids)
    known = told_of(db, asked)
    return {record_id: lines & known for record_id, lines in borne_by(db, asked).items()}


def _known(db: Connection, lines: Set[Line]) -> set[Line]:
    """Those of the addresses that anything was ever told of, or that some record tells of at present."""
    if not lines:
        return set()
    asked = {"addresses": {address for _, address in lines}}
    return {(row.channel, row.address) for query in _KNOWN for row in db.execute(query, asked)} & lines
