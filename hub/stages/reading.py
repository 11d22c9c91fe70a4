"""Reads contact records and decisions from the store into the shapes that `dedupe` works on."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Text, select, type_coerce, union
from sqlalchemy.engine import Row

from dedupe.engine.population import Entry
from dedupe.engine.record import Features
from dedupe.folding import stable_key
from dedupe.links import Decided, Links, links_in_force
from dedupe.survivorship import Source
from hub.stages.map import people, related
from hub.store.derived.identity import Membership
from hub.store.facts.decisions import Decision, DecisionLink
from hub.store.jsontext import loads
from hub.store.sql import among, chunks, table

members = table(Membership)
decisions = table(Decision)
decision_links = table(DecisionLink)

ENTRY_COLUMNS = (
    people.c.record_id,
    people.c.connection,
    people.c.stream,
    people.c.external_id,
    people.c.birth_id,
    people.c.born,
    people.c.features,
)

_ENTRIES = select(*ENTRY_COLUMNS).where(among(people.c.record_id, "ids"))
_ENTRIES_BORN = select(*ENTRY_COLUMNS).where(among(people.c.birth_id, "births"))
_LINKS = (
    select(
        decisions.c.id,
        decision_links.c.left_id,
        decision_links.c.right_id,
        decision_links.c.link,
        type_coerce(decision_links.c.levels, Text).label("levels"),
    )
    .join(decisions, decisions.c.id == decision_links.c.decision_id)
    .where(decisions.c.revoked_at.is_(None))
)
_TOUCHING = union(
    _LINKS.where(among(decision_links.c.left_id, "births")), _LINKS.where(among(decision_links.c.right_id, "births"))
)


def entries(db: Connection, record_ids: Iterable[int]) -> dict[int, Entry]:
    """The live person records among these, by record id; tombstones and refused records are not there."""
    return {row.record_id: entry_of(row) for row in db.execute(_ENTRIES, {"ids": set(record_ids)})}


def entries_born(db: Connection, birth_ids: Iterable[str]) -> list[Entry]:
    """As `entries`, by birth id, in no particular order."""
    return [entry_of(row) for row in db.execute(_ENTRIES_BORN, {"births": set(birth_ids)})]


def entry_of(row: Any) -> Entry:
    """From a row of ENTRY_COLUMNS."""
    key = stable_key(row.connection, row.stream, row.external_id)
    return Entry(row.record_id, row.birth_id, row.born, key, Features(*row.features))


def links_touching(db: Connection, birth_ids: Iterable[str]) -> Links:
    """The links in force that name at least one of these records."""
    return links_in_force(map(_decided, db.execute(_TOUCHING, {"births": set(birth_ids)})))


def all_links(db: Connection) -> Links:
    """Every link in force."""
    return links_in_force(map(_decided, db.execute(_LINKS)))


def _decided(row: Row[Any]) -> Decided:
    return Decided(row.id, row.left_id, row.right_id, row.link, loads(row.levels) if row.levels else None)


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
