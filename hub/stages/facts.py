"""What a contact is, in the words that segments ask about: golden fields, purchases, tickets, and what may be sent."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, select

from hub.consent.resolution import State
from hub.stages.consent import states_of
from hub.stages.golden import contacts, provenance
from hub.stages.holdings import holdings, members, people
from hub.stages.ledger import Line
from hub.stages.map import related
from hub.store.sql import chunks

SENDABLE_CHANNELS = ("email", "sms")

Facts = dict[str, Any]


def facts_of(db: Connection, contact_ids: Iterable[str]) -> dict[str, Facts]:
    """By contact; one that is gone has no entry."""
    found: dict[str, Facts] = {}
    for some in chunks(contact_ids, 200):
        for row in db.execute(select(contacts).where(contacts.c.id.in_(some))):
            found[row.id] = {"name": row.name, "email": row.email, "phone": row.phone}
        _golden(db, some, found)
        _records(db, some, found)
        _events(db, some, found)
        _sendable(db, some, found)
    return found


_LISTS = {"emails": "value", "phones": "value"}
_PLACE = ("city", "state", "postcode", "country")


def _golden(db: Connection, ids: list[str], found: dict[str, Facts]) -> None:
    query = select(provenance).where(provenance.c.contact_id.in_(ids)).order_by(provenance.c.position)
    for row in db.execute(query):
        facts = found.get(row.contact_id)
        if facts is None:
            continue
        if row.field in _LISTS:
            facts.setdefault(row.field, []).append(row.value[_LISTS[row.field]])
        elif row.field == "tags":
            facts.setdefault("tags", []).append(row.value)
        elif row.field == "addresses" and row.position == 0:
            facts.update({part: row.value.get(part, "") for part in _PLACE})
        elif row.field == "company":
            facts["company"] = row.value.get("name", "")
        elif row.field in ("job_title", "language"):
            facts[row.field] = row.value


def _records(db: Connection, ids: list[str], found: dict[str, Facts]) -> None:
    query = (
        select(members.c.contact_id, people.c.connection)
        .join(people, people.c.record_id == members.c.record_id)
        .where(members.c.contact_id.in_(ids))
        .distinct()
    )
    for row in db.execute(query):
        if row.contact_id in found:
            found[row.contact_id].setdefault("sources", []).append(row.connection)


def _events(db: Connection, ids: list[str], found: dict[str, Facts]) -> None:
    query = (
        select(members.c.contact_id, related.c.kind, related.c.happened_at, related.c.fields)
        .join(people, people.c.record_id == members.c.record_id)
        .join(
            related,
            (related.c.owner_connection == people.c.connection)
            & (related.c.owner_stream == people.c.stream)
            & (related.c.owner_external_id == people.c.external_id),
        )
        .where(members.c.contact_id.in_(ids), related.c.kind.in_(("order", "ticket")))
    )
    by_contact: dict[str, list[Any]] = defaultdict(list)
    for row in db.execute(query):
        by_contact[row.contact_id].append(row)
    for contact_id in ids:
        if contact_id in found:
            _count(found[contact_id], by_contact.get(contact_id, []))


def _count(facts: Facts, rows: list[Any]) -> None:
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


def _counts(order: dict[str, Any]) -> bool:
    return not order.get("test") and not order.get("cancelled_at")


def _worth(order: dict[str, Any]) -> Decimal:
    return Decimal(str(order.get("total") or 0)) - Decimal(str(order.get("refunded") or 0))


def _sendable(db: Connection, ids: list[str], found: dict[str, Facts]) -> None:
    """Whether any of the contact's addresses may be sent to, somewhere at least."""
    lines: dict[str, set[Line]] = defaultdict(set)
    query = (
        select(members.c.contact_id, holdings.c.channel, holdings.c.address)
        .join(holdings, holdings.c.record_id == members.c.record_id)
        .where(members.c.contact_id.in_(ids), holdings.c.channel.in_(SENDABLE_CHANNELS))
    )
    for row in db.execute(query):
        lines[row.contact_id].add((row.channel, row.address))
    states = states_of(db, {line for of_contact in lines.values() for line in of_contact})
    for contact_id in ids:
        if contact_id in found:
            for channel in SENDABLE_CHANNELS:
                own = [line for line in lines.get(contact_id, ()) if line[0] == channel]
                found[contact_id][f"may_send.{channel}"] = any(
                    _somewhere(state) for line in own for state in states.get(line, {}).values()
                )


def _somewhere(state: State) -> bool:
    return state.may_send or any(state.may_send_at(scope) for scope in state.scopes)
