"""Exports: who belongs to whom, record by record, and the golden contacts, as rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from sqlalchemy import Connection, select

from hub.queries.contact import LIST_FIELDS
from hub.stages.golden import contacts, provenance
from hub.stages.map import people
from hub.stages.reading import members
from hub.stages.resolve import reviews

Band = Literal["automatic", "likely"]

POSSIBLE = "possible_match"
"""The questions that merging the review band answers with yes; conflicts and ambiguous records stay apart."""


def assignments(db: Connection, band: Band) -> Iterator[dict[str, Any]]:
    """One row per live person-bearing record. Band likely also joins what waits for review."""
    joined = _joined_by_review(db) if band == "likely" else {}
    query = (
        select(people.c.connection, people.c.stream, people.c.external_id, members.c.contact_id)
        .join(members, members.c.record_id == people.c.record_id)
        .order_by(people.c.connection, people.c.stream, people.c.external_id)
    )
    for row in db.execute(query).mappings():
        yield {**row, "contact_id": joined.get(row["contact_id"], row["contact_id"])}


def _joined_by_review(db: Connection) -> dict[str, str]:
    """contact id -> the smallest contact id it is joined with when every possible match is merged too (union-find)."""
    home = {row.record_id: row.contact_id for row in db.execute(select(members.c.record_id, members.c.contact_id))}
    parent: dict[str, str] = {contact_id: contact_id for contact_id in home.values()}

    def root(contact_id: str) -> str:
        while parent[contact_id] != contact_id:
            parent[contact_id] = parent[parent[contact_id]]
            contact_id = parent[contact_id]
        return contact_id

    possible = select(reviews.c.left_id, reviews.c.right_id).where(reviews.c.kind == POSSIBLE)
    for left, right in db.execute(possible):
        low, high = sorted((root(home[left]), root(home[right])))
        parent[high] = low
    return {contact_id: root(contact_id) for contact_id in parent}


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
