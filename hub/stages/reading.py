"""Reads contact records and decisions from the store into the shapes that `dedupe` works on."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.engine import Row

from dedupe.engine.partition import Entry
from dedupe.engine.record import features_of
from dedupe.folding import stable_key
from dedupe.links import Links, links_in_force
from dedupe.survivorship import Source
from hub.stages.map import people, related
from hub.store.derived.identity import Membership
from hub.store.facts.decisions import Decision, DecisionLink
from hub.store.sql import chunks, table
from mapping.models import Person

members = table(Membership)
decisions = table(Decision)
decision_links = table(DecisionLink)

_LINKS = (
    select(decisions.c.id, decision_links.c.left_id, decision_links.c.right_id, decision_links.c.link)
    .join(decisions, decisions.c.id == decision_links.c.decision_id)
    .where(decisions.c.revoked_at.is_(None))
)


def entries(db: Connection, record_ids: Iterable[int]) -> dict[int, Entry]:
    """The live person records among these, by record id; tombstones and refused records are not there."""
    found: dict[int, Entry] = {}
    for ids in chunks(sorted(set(record_ids))):
        for row in db.execute(select(people).where(people.c.record_id.in_(ids))):
            found[row.record_id] = entry_of(row)
    return found


def entry_of(row: Row[Any]) -> Entry:
    person = Person.model_validate(row.fields)
    key = stable_key(row.connection, row.stream, row.external_id)
    return Entry(row.record_id, row.birth_id, row.born, key, features_of(person))


def links_touching(db: Connection, birth_ids: Iterable[str]) -> Links:
    """The links in force that name at least one of these records."""
    rows: set[tuple[int, str, str, str]] = set()
    for ids in chunks(sorted(set(birth_ids))):
        for side in (decision_links.c.left_id, decision_links.c.right_id):
            rows.update((row[0], row[1], row[2], row[3]) for row in db.execute(_LINKS.where(side.in_(ids))))
    return links_in_force(rows)


def all_links(db: Connection) -> Links:
    """Every link in force."""
    return links_in_force((row[0], row[1], row[2], row[3]) for row in db.execute(_LINKS))


def sources(db: Connection, contact_ids: Iterable[str]) -> dict[str, list[Source]]:
    """The records of each contact as survivorship wants them, tags that hang on a record included."""
    found: dict[str, list[Source]] = {contact_id: [] for contact_id in contact_ids}
    for ids in chunks(sorted(found)):
        query = (
            select(members.c.contact_id, people)
            .join(people, people.c.record_id == members.c.record_id)
            .where(members.c.contact_id.in_(ids))
        )
        rows = db.execute(query).all()
        tags = _tags(db, ids)
        for row in rows:
            owner = (row.connection, row.stream, row.external_id)
            fields = row.fields
            if owner in tags:
                fields = fields | {"tags": sorted({*fields.get("tags", ()), *tags[owner]})}
            found[row.contact_id].append(
                Source(row.record_id, row.connection, stable_key(*owner), row.born, row.changed_at, fields)
            )
    return found


def _tags(db: Connection, contact_ids: list[str]) -> dict[tuple[str, str, str], list[str]]:
    """Tags by the key of the record they hang on, for the records of these contacts."""
    query = (
        select(related.c.owner_connection, related.c.owner_stream, related.c.owner_external_id, related.c.fields)
        .join(
            people,
            (people.c.connection == related.c.owner_connection)
            & (people.c.stream == related.c.owner_stream)
            & (people.c.external_id == related.c.owner_external_id),
        )
        .join(members, members.c.record_id == people.c.record_id)
        .where(members.c.contact_id.in_(contact_ids), related.c.kind == "tag")
    )
    tags: dict[tuple[str, str, str], list[str]] = {}
    for connection, stream, external_id, fields in db.execute(query):
        tags.setdefault((connection, stream, external_id), []).append(fields["name"])
    return tags
