"""One contact with everything known of it: golden fields with provenance, records, timeline, how it was built."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, select, tuple_

from hub.queries.consent import consent_of_contact
from hub.queries.how import questions_of, steps_of
from hub.queries.segments import segments_of
from hub.settings.settings import Settings
from hub.stages.facts import facts_of
from hub.stages.golden import provenance
from hub.stages.land import landed
from hub.stages.map import people, related
from hub.stages.reading import entries, members
from hub.store.sql import chunks

MOST_EVENTS = 500
EVENTS = ("order", "ticket", "message")
"""Which of the things that hang on a contact's records have a day of their own."""


def show(db: Connection, settings: Settings, contact_id: str, how: bool = False) -> dict[str, Any]:
    """The contract's document of one contact; `how` adds the steps that built it."""
    records = _records(db, contact_id)
    names = {row["record_id"]: _name(row) for row in records}
    compared, model = list(entries(db, names).values()), settings.model
    document = {
        "id": contact_id,
        "retired_ids": _retired(db, contact_id, records),
        "golden": _golden(db, contact_id, names),
        "records": [_record(row) for row in records],
        "consent": _consent(db, settings, contact_id),
        "segments": segments_of(db, settings, contact_id),
        "traits": _traits(db, contact_id),
        "timeline": _timeline(db, records),
        "review": questions_of(db, compared, model),
    }
    if how:
        document["how"] = steps_of(db, compared, model)
    return document


def _records(db: Connection, contact_id: str) -> list[dict[str, Any]]:
    query = (
        select(people, landed.c.landed_at, landed.c.last_seen_at)
        .join(members, members.c.record_id == people.c.record_id)
        .join(landed, landed.c.id == people.c.record_id)
        .where(members.c.contact_id == contact_id)
        .order_by(people.c.born, people.c.connection, people.c.stream, people.c.external_id)
    )
    return [dict(row) for row in db.execute(query).mappings()]


def _name(row: dict[str, Any]) -> str:
    return f"{row['connection']}:{row['stream']}:{row['external_id']}"


def _record(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "connection": row["connection"],
        "stream": row["stream"],
        "external_id": row["external_id"],
        "birth_id": row["birth_id"],
        "changed_at": row["changed_at"],
        "first_landed_at": row["landed_at"],
        "last_seen_at": row["last_seen_at"],
        "fields": row["fields"],
    }


def _retired(db: Connection, contact_id: str, records: Iterable[dict[str, Any]]) -> list[str]:
    """Other ids that lead here: those the records were born with, and those of the gone that they inherited."""
    born = {row["birth_id"] for row in records}
    found, latest = set(born), set(born)
    while latest:
        left = select(landed.c.birth_id).where(landed.c.heir.in_(sorted(latest)))
        latest = set(db.execute(left).scalars()) - found
        found |= latest
    return sorted(found - {contact_id})


def _golden(db: Connection, contact_id: str, names: dict[int, str]) -> dict[str, Any]:
    rows = db.execute(
        select(provenance)
        .where(provenance.c.contact_id == contact_id)
        .order_by(provenance.c.field, provenance.c.position)
    )
    fields: dict[str, Any] = {}
    for row in rows:
        one = {
            "value": row.value,
            "source": names.get(row.record_id, ""),
            "rule": row.rule,
            "others": [{"value": lost["value"], "source": names.get(lost["record_id"], "")} for lost in row.others],
        }
        if row.field in LIST_FIELDS:
            fields.setdefault(row.field, _empty_list(one))
            fields[row.field]["value"].append(row.value)
            fields[row.field]["values"].append(one)
        else:
            fields[row.field] = one
    return fields


LIST_FIELDS = frozenset({"emails", "phones", "addresses", "identifiers", "tags"})


def _empty_list(first: dict[str, Any]) -> dict[str, Any]:
    return {"value": [], "source": first["source"], "rule": first["rule"], "others": first["others"], "values": []}


def _consent(db: Connection, settings: Settings, contact_id: str) -> list[dict[str, Any]]:
    """An entry for every address and channel; what each source says of it is its `observed`."""
    documents = consent_of_contact(db, settings, contact_id)
    return [{"address": document["address"], **entry} for document in documents for entry in document["entries"]]


def _traits(db: Connection, contact_id: str) -> dict[str, Any]:
    """What segments may ask of the contact, as far as it is known."""
    facts = facts_of(db, [contact_id]).get(contact_id, {})
    return {name: value for name, value in facts.items() if value is not None}


def _timeline(db: Connection, records: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Dated events of all the contact's records, newest first."""
    owner = tuple_(related.c.owner_connection, related.c.owner_stream, related.c.owner_external_id)
    events: list[dict[str, Any]] = []
    for keys in chunks((row["connection"], row["stream"], row["external_id"]) for row in records):
        query = (
            select(related, landed.c.connection, landed.c.stream, landed.c.external_id)
            .join(landed, landed.c.id == related.c.record_id)
            .where(owner.in_(keys), related.c.kind.in_(EVENTS))
        )
        events += [_event(dict(row)) for row in db.execute(query).mappings()]
    events.sort(key=lambda event: (event["at"] is not None, event["at"], event["source"]), reverse=True)
    return events[:MOST_EVENTS]


def _event(row: dict[str, Any]) -> dict[str, Any]:
    return {"kind": row["kind"], "at": row["happened_at"], "source": _name(row), **row["fields"]}
