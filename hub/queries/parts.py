"""One contact in parts, each as much as a page shows of it: what a giant contact has is counted, not read."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, func, select

from dedupe.pins import said_of
from hub.queries import masks
from hub.queries.contact import as_record, record_name, records_of_contact
from hub.queries.how import decisions_about, questions_of, steps_of
from hub.queries.timeline import count_events
from hub.settings.settings import Settings
from hub.stages.golden import contacts, provenance
from hub.stages.map import people
from hub.stages.reading import entries, members
from hub.store.sql import among

Document = dict[str, Any]

_NAMES = select(
    *(people.c.record_id, people.c.connection, people.c.stream, people.c.external_id, people.c.changed_at)
).where(among(people.c.record_id, "ids"))

NOT_YET = {"name": "", "email": "", "phone": ""}
"""Of a contact that the golden stage has not reached."""


def head_of(db: Connection, contact_id: str, masked: bool = False) -> Document:
    """What to call a contact, and how much there is of it: `records`, and `events` by kind."""
    row = db.execute(select(contacts).where(contacts.c.id == contact_id)).mappings().first()
    records = select(func.count()).select_from(members).where(members.c.contact_id == contact_id)
    head = {**(row or {"id": contact_id, **NOT_YET}), "records": db.execute(records).scalar_one()}
    return {**(masks.heading(head) if masked else head), "events": count_events(db, contact_id)}


def fields_of(db: Connection, contact_id: str, masked: bool = False) -> list[Document]:
    """The golden fields, each with its values: where from, since when, why, and those that lost."""
    query = select(provenance).where(provenance.c.contact_id == contact_id)
    rows = db.execute(query.order_by(provenance.c.field, provenance.c.position)).all()
    ids = {row.record_id for row in rows} | {lost["record_id"] for row in rows for lost in row.others}
    sources = {row.record_id: _source(row._mapping) for row in db.execute(_NAMES, {"ids": ids})}
    found: dict[str, list[Document]] = {}
    for row in rows:
        others = [lost | sources.get(lost["record_id"], _NO_SOURCE) for lost in row.others]
        value = {"value": row.value, "record_id": row.record_id, "rule": row.rule, "others": others}
        found.setdefault(row.field, []).append(value | sources.get(row.record_id, _NO_SOURCE))
    fields = [{"field": field, "values": values} for field, values in found.items()]
    return masks.fields(fields) if masked else fields


_NO_SOURCE = {"source": "", "changed_at": None}


def _source(row: Any) -> Document:
    return {"source": record_name(row), "changed_at": row["changed_at"]}


def sayings(db: Connection, contact_id: str, field: str) -> list[tuple[int, Any]]:
    """What each record says of one golden field, with its number, in the order of arrival."""
    rows = records_of_contact(db, contact_id)
    return [(row["record_id"], value) for row in rows for value in said_of(row["fields"], field)]


def records_of(db: Connection, contact_id: str, limit: int, masked: bool = False) -> list[Document]:
    """The first records, with their numbers."""
    rows = records_of_contact(db, contact_id, limit)
    found = [as_record(row) | {"record_id": row["record_id"]} for row in rows]
    return [masks.record(one) for one in found] if masked else found


def review_of(db: Connection, settings: Settings, contact_id: str, masked: bool = False) -> list[Document]:
    """What a person is asked about the contact."""
    found = questions_of(db, contact_id, settings.model)
    return [masks.question(one) for one in found] if masked else found


def built_of(db: Connection, settings: Settings, contact_id: str, masked: bool = False) -> list[Document]:
    """The judged pairs of its records, the heaviest first."""
    found = [one for one in steps_of(db, _compared(db, contact_id), settings.model) if one["step"] == "match"]
    return [masks.step(one) for one in found] if masked else found


def history_of(db: Connection, contact_id: str, masked: bool = False) -> list[Document]:
    """The decisions about the contact, the newest first; `undone_at` and `undone_by` where one is undone."""
    told = [
        {
            "decision": row.id,
            "kind": row.kind,
            "about": about,
            "author": row.author,
            "reason": row.reason,
            "at": row.decided_at,
            "undone_at": row.revoked_at,
            "undone_by": row.revoked_by,
        }
        for row, about in decisions_about(db, _compared(db, contact_id))
    ]
    told.reverse()
    return [masks.decision(one) for one in told] if masked else told


def _compared(db: Connection, contact_id: str) -> list[Any]:
    own: Iterable[int] = db.execute(select(members.c.record_id).where(members.c.contact_id == contact_id)).scalars()
    return sorted(entries(db, own).values(), key=lambda one: (one.born, one.key))
