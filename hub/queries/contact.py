"""One contact with everything known of it: golden fields with provenance, records, timeline, how it was built."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, select

from hub.queries import masks
from hub.queries.consent import consent_of_contact
from hub.queries.how import questions_of, steps_of
from hub.queries.segments import segments_of
from hub.queries.timeline import timeline
from hub.settings.settings import Settings
from hub.stages.facts import facts_of
from hub.stages.golden import provenance
from hub.stages.land import landed
from hub.stages.map import people
from hub.stages.reading import entries, members
from hub.store.sql import among

MOST_EVENTS = 500


def show(
    db: Connection, settings: Settings, contact_id: str, how: bool = False, masked: bool = False
) -> dict[str, Any]:
    """The contract's document of one contact; `how` adds the steps that built it, `masked` leaves only hints of it."""
    records = records_of_contact(db, contact_id)
    names = {row["record_id"]: record_name(row) for row in records}
    compared, model = list(entries(db, names).values()), settings.model
    document = {
        "id": contact_id,
        "retired_ids": retired_ids(db, contact_id),
        "golden": _golden(db, contact_id, names),
        "records": [as_record(row) for row in records],
        "consent": consent_entries(db, settings, contact_id),
        "segments": segments_of(db, settings, contact_id),
        "traits": _traits(db, contact_id),
        "timeline": timeline(db, contact_id, MOST_EVENTS).events,
        "review": questions_of(db, contact_id, model),
    }
    if how:
        document["how"] = steps_of(db, compared, model)
    return masks.contact(document) if masked else document


def records_of_contact(db: Connection, contact_id: str, limit: int | None = None) -> list[dict[str, Any]]:
    """What is stored of its records, or of the first of them, in the order of their arrival."""
    query = (
        select(people, landed.c.landed_at, landed.c.last_seen_at)
        .join(members, members.c.record_id == people.c.record_id)
        .join(landed, landed.c.id == people.c.record_id)
        .where(members.c.contact_id == contact_id)
        .order_by(people.c.born, people.c.connection, people.c.stream, people.c.external_id)
        .limit(limit)
    )
    return [dict(row) for row in db.execute(query).mappings()]


def record_name(row: dict[str, Any]) -> str:
    return f"{row['connection']}:{row['stream']}:{row['external_id']}"


def as_record(row: dict[str, Any]) -> dict[str, Any]:
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


def retired_ids(db: Connection, contact_id: str) -> list[str]:
    """Other ids that lead here: those the records were born with, and those of the gone that they inherited."""
    own = (
        select(people.c.birth_id)
        .join(members, members.c.record_id == people.c.record_id)
        .where(members.c.contact_id == contact_id)
    )
    latest = set(db.execute(own).scalars())
    found = latest.copy()
    while latest:
        left = select(landed.c.birth_id).where(among(landed.c.heir, "births"))
        latest = set(db.execute(left, {"births": latest}).scalars()) - found
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


def consent_entries(db: Connection, settings: Settings, contact_id: str, masked: bool = False) -> list[dict[str, Any]]:
    """An entry for every address and channel; what each source says of it is its `observed`."""
    documents = consent_of_contact(db, settings, contact_id, masked)
    return [{"address": document["address"], **entry} for document in documents for entry in document["entries"]]


def _traits(db: Connection, contact_id: str) -> dict[str, Any]:
    """What segments may ask of the contact, as far as it is known."""
    facts = facts_of(db, [contact_id]).get(contact_id, {})
    return {name: value for name, value in facts.items() if value is not None}
