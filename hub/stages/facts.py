"""What a contact is, in the words that segments ask about: golden fields, purchases, tickets, and what may be sent."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, select

from hub.consent.resolution import State
from hub.stages.consent import States, states_of
from hub.stages.golden import contacts, provenance
from hub.stages.holdings import holdings, people
from hub.stages.homes import STORED
from hub.stages.ledger import Line
from hub.stages.map import HAS_OWNER, related
from hub.store.sql import among, chunks

SENDABLE_CHANNELS = ("email", "sms")

Facts = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Things:
    """What else the facts are made of, by record id: its connection, its orders and tickets, its addresses."""

    connections: Mapping[int, str]
    happened: Mapping[int, Sequence[Any]]
    lines: Mapping[int, set[Line]]

    @property
    def all_lines(self) -> set[Line]:
        return {line for of_record in self.lines.values() for line in of_record}


def facts_of(db: Connection, contact_ids: Iterable[str]) -> dict[str, Facts]:
    """By contact; one that is gone has no entry."""
    found: dict[str, Facts] = {}
    for some in chunks(contact_ids, 200):
        golden = _golden(db, some)
        home_of = STORED.of_contacts(db, golden)
        things = things_of(db, home_of)
        found |= facts_with(golden, things, home_of, states_of(db, things.all_lines))
    return found


def things_of(db: Connection, record_ids: Iterable[int]) -> Things:
    asked = {"records": set(record_ids)}
    happened: dict[int, list[Any]] = defaultdict(list)
    lines: dict[int, set[Line]] = defaultdict(set)
    for thing in db.execute(_HAPPENED, asked):
        happened[thing.record_id].append(thing)
    for held in db.execute(_HELD, asked):
        lines[held.record_id].add((held.channel, held.address))
    return Things({row.record_id: row.connection for row in db.execute(_CONNECTIONS, asked)}, happened, lines)


_CONNECTIONS = select(people.c.record_id, people.c.connection).where(among(people.c.record_id, "records"))
_HAPPENED = (
    select(people.c.record_id, related.c.kind, related.c.happened_at, related.c.fields)
    .join(related, HAS_OWNER)
    .where(among(people.c.record_id, "records"), related.c.kind.in_(("order", "ticket")))
)
_HELD = select(holdings.c.record_id, holdings.c.channel, holdings.c.address).where(
    among(holdings.c.record_id, "records"), holdings.c.address != ""
)


def facts_with(
    golden: Mapping[str, Facts], things: Things, home_of: Mapping[int, str], states: Mapping[Line, States]
) -> dict[str, Facts]:
    """The facts of contacts with these golden ones, if their records were these. Pure."""
    records: dict[str, list[int]] = defaultdict(list)
    for record_id, contact_id in sorted(home_of.items()):
        records[contact_id].append(record_id)
    return {
        contact_id: facts | _of_records(things, records[contact_id]) | _sendable(things, records[contact_id], states)
        for contact_id, facts in golden.items()
    }


def _of_records(things: Things, records: Sequence[int]) -> Facts:
    sources = {things.connections[one] for one in records if one in things.connections}
    counted = _counted([row for one in records for row in things.happened.get(one, ())])
    return counted | ({"sources": sorted(sources)} if sources else {})


_LISTS = {"emails": "value", "phones": "value"}
_PLACE = ("city", "state", "postcode", "country")


def _golden(db: Connection, ids: list[str]) -> dict[str, Facts]:
    values: dict[str, list[tuple[str, int, Any]]] = defaultdict(list)
    query = select(provenance).where(among(provenance.c.contact_id, "ids")).order_by(provenance.c.position)
    for row in db.execute(query, {"ids": ids}):
        values[row.contact_id].append((row.field, row.position, row.value))
    heads = db.execute(select(contacts).where(among(contacts.c.id, "ids")), {"ids": ids})
    return {row.id: golden_facts(row.name, row.email, row.phone, values[row.id]) for row in heads}


def golden_facts(name: str, email: str, phone: str, values: Iterable[tuple[str, int, Any]]) -> Facts:
    """What the golden values of a contact tell. `values`: field, position and value, in the order of the positions."""
    facts: Facts = {"name": name, "email": email, "phone": phone}
    for field, position, value in values:
        if field in _LISTS:
            facts.setdefault(field, []).append(value[_LISTS[field]])
        elif field == "tags":
            facts.setdefault("tags", []).append(value)
        elif field == "addresses" and position == 0:
            facts.update({part: value.get(part, "") for part in _PLACE})
        elif field == "company":
            facts["company"] = value.get("name", "")
        elif field in ("job_title", "language"):
            facts[field] = value
    return facts


def _counted(rows: Sequence[Any]) -> Facts:
    facts: Facts = {}
    bought = [row for row in rows if row.kind == "order" and _counts(row.fields)]
    tickets = [row for row in rows if row.kind == "ticket"]
    times = sorted(row.happened_at for row in bought if row.happened_at)
    asked = sorted((row for row in tickets if row.happened_at), key=lambda row: row.happened_at)
    facts["orders"] = len(bought)
    facts["spent"] = sum((_worth(row.fields) for row in bought), Decimal(0))
    facts["first_order_at"], facts["last_order_at"] = (times[0], times[-1]) if times else (None, None)
    facts["tickets"] = len(tickets)
    facts["last_ticket_at"] = asked[-1].happened_at if asked else None
    facts["satisfaction"] = next(
        (row.fields["satisfaction"] for row in reversed(asked) if row.fields.get("satisfaction")), ""
    )
    return facts


def _counts(order: dict[str, Any]) -> bool:
    return not order.get("test") and not order.get("cancelled_at")


def _worth(order: dict[str, Any]) -> Decimal:
    return Decimal(str(order.get("total") or 0)) - Decimal(str(order.get("refunded") or 0))


def _sendable(things: Things, records: Sequence[int], states: Mapping[Line, States]) -> Facts:
    """Whether any of the contact's addresses may be sent to, somewhere at least."""
    lines = {line for one in records for line in things.lines.get(one, ())}
    return {
        f"may_send.{channel}": any(
            somewhere(state) for line in lines if line[0] == channel for state in states.get(line, {}).values()
        )
        for channel in SENDABLE_CHANNELS
    }


def somewhere(state: State) -> bool:
    """Whether it may be sent to at all, be it at one list or sender alone."""
    return state.may_send or any(state.may_send_at(scope) for scope in state.scopes)
