"""Reads contact records and decisions from the store into the shapes that `dedupe` works on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Text, select, type_coerce, union
from sqlalchemy.engine import Row

from dedupe.engine.population import Entry
from dedupe.engine.record import Features
from dedupe.folding import stable_key
from dedupe.links import Decided, Links, links_in_force
from dedupe.pins import Pin
from dedupe.survivorship import Source
from hub.stages.map import HAS_OWNER, people, related
from hub.store.derived.identity import MatchEdge, Membership
from hub.store.facts.decisions import Decision, DecisionLink, DecisionPin
from hub.store.jsontext import loads
from hub.store.sql import among, table

members = table(Membership)
edges = table(MatchEdge)
decisions = table(Decision)
decision_links = table(DecisionLink)
decision_pins = table(DecisionPin)

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
_SAYING = (
    *(people.c.record_id, people.c.connection, people.c.stream, people.c.external_id),
    *(people.c.born, people.c.changed_at, people.c.fields),
)
_HUNG = (
    select(related.c.owner_connection, related.c.owner_stream, related.c.owner_external_id, related.c.fields)
    .join(people, HAS_OWNER)
    .where(related.c.kind == "tag")
)
_SOURCES = (
    select(members.c.contact_id, *_SAYING)
    .join(people, people.c.record_id == members.c.record_id)
    .where(among(members.c.contact_id, "contacts"))
)
_TAGS = _HUNG.join(members, members.c.record_id == people.c.record_id).where(among(members.c.contact_id, "contacts"))
_THESE_SOURCES = select(*_SAYING).where(among(people.c.record_id, "records"))
_THESE_TAGS = _HUNG.where(among(people.c.record_id, "records"))
_PINS = (
    select(members.c.contact_id, people.c.record_id, decision_pins.c.field, decision_pins.c.value)
    .join(people, people.c.record_id == members.c.record_id)
    .join(decision_pins, decision_pins.c.birth_id == people.c.birth_id)
    .join(decisions, decisions.c.id == decision_pins.c.decision_id)
    .where(among(members.c.contact_id, "contacts"), decisions.c.revoked_at.is_(None))
    .order_by(decisions.c.id)
)


def entries(db: Connection, record_ids: Iterable[int]) -> dict[int, Entry]:
    """The live person records among these, by record id; tombstones and refused records are not there."""
    return {row.record_id: entry_of(*row) for row in db.execute(_ENTRIES, {"ids": set(record_ids)}).all()}


def entries_born(db: Connection, birth_ids: Iterable[str]) -> list[Entry]:
    """As `entries`, by birth id, in no particular order."""
    return [entry_of(*row) for row in db.execute(_ENTRIES_BORN, {"births": set(birth_ids)})]


def entry_of(
    record_id: int, connection: str, stream: str, external_id: str, birth_id: str, born: int, features: list[str]
) -> Entry:
    """From ENTRY_COLUMNS."""
    return Entry(record_id, birth_id, born, stable_key(connection, stream, external_id), Features(*features))


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
    asked = {"contacts": sorted(found)}
    tags = _named(db.execute(_TAGS, asked))
    for row in db.execute(_SOURCES, asked).all():
        found[row[0]].append(_source(row[1:], tags))
    return found


def pins_together(db: Connection, contact_ids: Iterable[str]) -> list[Pin]:
    """The pins in force of the records of these contacts, the oldest first, as if they were one."""
    rows = db.execute(_PINS, {"contacts": sorted(contact_ids)})
    return [Pin(row.record_id, row.field, row.value) for row in rows]


def pins(db: Connection, contact_ids: Iterable[str]) -> dict[str, list[Pin]]:
    """The pins in force of the records of each contact that has any, the oldest first."""
    found: dict[str, list[Pin]] = {}
    if db.execute(select(decision_pins.c.decision_id).limit(1)).first() is None:
        return found
    for row in db.execute(_PINS, {"contacts": sorted(contact_ids)}):
        found.setdefault(row.contact_id, []).append(Pin(row.record_id, row.field, row.value))
    return found


def sources_of(db: Connection, record_ids: Iterable[int]) -> dict[int, Source]:
    """As `sources`, by record id, whoever they belong to."""
    asked = {"records": set(record_ids)}
    tags = _named(db.execute(_THESE_TAGS, asked))
    return {said.record_id: _source(said, tags) for said in db.execute(_THESE_SOURCES, asked)}


Owner = tuple[str, str, str]


def _source(said: Sequence[Any], tags: Mapping[Owner, list[str]]) -> Source:
    record_id, connection, stream, external_id, born, changed_at, fields = said
    owner = (connection, stream, external_id)
    if owner in tags:
        fields = fields | {"tags": sorted({*fields.get("tags", ()), *tags[owner]})}
    return Source(record_id, connection, stable_key(*owner), born, changed_at, fields)


def _named(rows: Iterable[Any]) -> dict[Owner, list[str]]:
    """Tags by the key of the record they hang on."""
    tags: dict[Owner, list[str]] = {}
    for connection, stream, external_id, fields in rows:
        tags.setdefault((connection, stream, external_id), []).append(fields["name"])
    return tags
