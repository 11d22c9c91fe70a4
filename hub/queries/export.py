"""Exports: who belongs to whom, record by record, and the golden contacts, as rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, select

from dedupe.engine.weights import Model
from hub.queries.bands import Band, assigned
from hub.queries.contact import LIST_FIELDS
from hub.stages.golden import contacts, provenance


def assignments(db: Connection, band: Band, model: Model) -> Iterator[dict[str, Any]]:
    """One row per live person-bearing record. Band likely also merges what waits for review."""
    for one in assigned(db, band, model):
        row = one._asdict()
        del row["record_id"]
        yield row


def golden_contacts(db: Connection) -> Iterator[dict[str, Any]]:
    """One row per contact with its golden values; a list field as a list."""
    query = (
        select(contacts.c.id, provenance.c.field, provenance.c.value)
        .outerjoin(provenance, provenance.c.contact_id == contacts.c.id)
        .order_by(contacts.c.id, provenance.c.field, provenance.c.position)
    )
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
