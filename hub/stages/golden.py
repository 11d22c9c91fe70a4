"""The golden stage: gives every marked contact its golden fields with provenance, and its search terms.

Law: whoever is looked at has other records or addresses now. What a person objects to reaches them by the search terms,
so the addresses wait for the consent stage from the very transaction that stores these.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table, delete, literal, select

from dedupe.folding import fold
from dedupe.pins import with_pins
from dedupe.survivorship import Policy, Source, Survivor, golden
from hub.crashpoints import crashpoint
from hub.stages import notes
from hub.stages.collector import without_collector
from hub.stages.holdings import mark_segments
from hub.stages.ledger import mark
from hub.stages.pausing import Between, go_on
from hub.stages.reading import members, pins, sources
from hub.stages.relatives import addresses_touched_by
from hub.store.columns import as_kept, json_text
from hub.store.derived.golden import Contact, ContactTerm, FieldProvenance, GoldenMark
from hub.store.engine import Store
from hub.store.generation import Row
from hub.store.sql import among, exchange_rows, insert_rows, table, upsert_found, upsert_rows

contacts = table(Contact)
provenance = table(FieldProvenance)
terms = table(ContactTerm)
marks = table(GoldenMark)

_WAITING = select(marks).where(among(marks.c.contact_id, "ids")).order_by(marks.c.contact_id).with_for_update()
_DONE = delete(marks).where(among(marks.c.contact_id, "ids"))
_STORED = {
    column.table: select(*map(as_kept, column.table.columns)).where(among(column, "ids"))
    for column in (contacts.c.id, provenance.c.contact_id, terms.c.contact_id)
}

CHUNK = 2_000

MAKING = "2"
"""Another one wherever the same records make other rows than before: then every contact is made anew."""

_NONE = json_text([])

ENDING = "~"
"""How the term begins that is a phone number backwards, to be found by its end."""


def mark_contacts(db: Connection, contact_ids: Iterable[str], mark: int) -> None:
    upsert_rows(db, marks, [(contact_id, mark) for contact_id in sorted(set(contact_ids))])


def golden_all(store: Store, policy: Policy, between: Between = go_on) -> int:
    """Work off all marks; of all contacts when the policy or the making has changed. Returns how many there were."""
    store.write(lambda db: _mark_all_if_changed(db, policy))
    done = 0
    with without_collector() as collect:
        while count := _golden_some(store, policy):
            done += count
            collect()
            between()
    return done


def _mark_all_if_changed(db: Connection, policy: Policy) -> None:
    made_by = f"{MAKING} {policy.fingerprint}"
    if notes.get(db, "survivorship") != made_by:
        upsert_found(db, marks, select(members.c.contact_id, literal(0).label("mark")).distinct())
        notes.put(db, "survivorship", made_by)


def _golden_some(store: Store, policy: Policy) -> int:
    with store.read() as db:
        waiting = db.execute(select(marks).order_by(marks.c.contact_id).limit(CHUNK)).all()
        found = sources(db, (row.contact_id for row in waiting))
        pinned = pins(db, found)
    chosen = {one: with_pins(golden(records, policy), pinned.get(one, ())) for one, records in found.items()}
    if waiting:
        store.write(lambda db: _replace(db, {row.contact_id: row.mark for row in waiting}, found, chosen))
    return len(waiting)


def _replace(
    db: Connection,
    read: Mapping[str, int],
    found: Mapping[str, Sequence[Source]],
    chosen: Mapping[str, Mapping[str, Sequence[Survivor]]],
) -> None:
    waiting = _still_waiting(db, read)
    live = {contact_id: chosen[contact_id] for contact_id in sorted(waiting) if found[contact_id]}
    asked = {"ids": sorted(waiting)}
    _exchange(db, contacts, asked, [_contact(one, fields, len(found[one])) for one, fields in live.items()])
    _exchange(db, provenance, asked, [row for one, fields in live.items() for row in _provenance(one, fields)])
    _exchange(db, terms, asked, [(term, one) for one in live for term in sorted(_terms(found[one]))])
    db.execute(_DONE, asked)
    mark(db, addresses_touched_by(db, waiting))
    mark_segments(db, waiting)
    crashpoint("golden.stored")


def _exchange(db: Connection, kept: Table, asked: Mapping[str, Sequence[str]], rows: Sequence[Row]) -> None:
    """Make `rows` all that is kept of these contacts, and write no more than is different."""
    if stored := db.execute(_STORED[kept], asked).all():
        exchange_rows(db, kept, set(map(tuple, stored)), set(rows))
    else:
        insert_rows(db, kept, rows)


def _still_waiting(db: Connection, read: Mapping[str, int]) -> set[str]:
    """The contacts that nobody has finished or marked anew since we read them; locked, so that nobody does now."""
    rows = db.execute(_WAITING, {"ids": sorted(read)})
    return {row.contact_id for row in rows if row.mark == read[row.contact_id]}


def _contact(contact_id: str, fields: Mapping[str, Sequence[Survivor]], records: int) -> tuple[Any, ...]:
    """A row of `contacts`."""
    return contact_id, *head_of(fields), records


def head_of(fields: Mapping[str, Sequence[Survivor]]) -> tuple[str, str, str]:
    """The first name, e-mail and phone of a contact with these golden fields."""

    def first(name: str, part: str) -> str:
        survivors = fields.get(name, ())
        return str(survivors[0].value[part]) if survivors and survivors[0].value else ""

    return first("name", "full"), first("emails", "value"), first("phones", "value")


def _provenance(contact_id: str, fields: Mapping[str, Sequence[Survivor]]) -> Iterable[tuple[Any, ...]]:
    """Rows of `provenance`."""
    for name, survivors in fields.items():
        for position, one in enumerate(survivors):
            yield contact_id, name, position, json_text(one.value), one.record_id, one.rule, _others(one)


def _others(survivor: Survivor) -> str | None:
    """As text the values that lost; mostly there is none."""
    others = [{"value": lost.value, "record_id": lost.record_id} for lost in survivor.others]
    return json_text(others) if others else _NONE


def _terms(records: Sequence[Source]) -> set[str]:
    """Everything a person may type: words of any record's name, e-mails and their domains, phones, ids."""
    found: set[str] = set()
    for record in records:
        fields = record.fields
        found.update(fold(word) for word in str((fields.get("name") or {}).get("full", "")).split())
        found.add(record.key[2].decode("utf-8", "replace").casefold()[:64])
        for email in fields.get("emails", ()):
            found.update((email["key"], email["key"].partition("@")[2]))
        for phone in fields.get("phones", ()):
            digits = phone["value"].lstrip("+")
            found.update((digits, digits[2:], ENDING + digits[::-1]))
        found.update(str(one["value"]).casefold()[:64] for one in fields.get("identifiers", ()))
    return {term for term in found if term}
