"""Exports: who belongs to whom, record by record, and the golden contacts, as rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Select, select, true

from dedupe.engine.weights import Model
from hub.queries.bands import Band, assigned
from hub.queries.contact import LIST_FIELDS
from hub.stages.golden import contacts, provenance
from hub.stages.segment import segment_members


def assignments(db: Connection, band: Band, model: Model) -> Iterator[dict[str, Any]]:
    """One row per live person-bearing record. Band likely also merges what waits for review."""
    for one in assigned(db, band, model):
        row = one._asdict()
        del row["record_id"]
        yield row


def chosen_contacts(segment: str, most: int) -> Select[Any]:
    """The ids of the first contacts, of one segment or, without, of all."""
    if segment:
        inside = (segment_members.c.segment == segment) & (segment_members.c.inside == true())
        return select(segment_members.c.contact_id).where(inside).order_by(segment_members.c.contact_id).limit(most)
    return select(contacts.c.id).order_by(contacts.c.id).limit(most)


def golden_contacts(db: Connection, chosen: Select[Any] | None = None) -> Iterator[dict[str, Any]]:
    """One row per contact with its golden values, of all or of those whose ids are chosen; a list field as a list."""
    query = (
        select(contacts.c.id, provenance.c.field, provenance.c.value)
        .outerjoin(provenance, provenance.c.contact_id == contacts.c.id)
        .order_by(contacts.c.id, provenance.c.field, provenance.c.position)
    )
    if chosen is not None:
        query = query.where(contacts.c.id.in_(chosen))
    current: dict[str, Any] = {}
    for row in db.execute(query):
        if current.get("contact_id") != row.id:
            if current:
                yield current
            current = {"contact_id": row.id}
        if row.field in LIST_FIELDS:
            current.setdefault(row.field, []).append(row.value)
        elif row.field:
            current[row.field] = row.value
    if current:
        yield current
