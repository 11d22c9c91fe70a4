"""The golden stage: gives every marked contact its golden fields with provenance, and its search terms."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from dedupe.folding import fold
from dedupe.survivorship import Policy, Source, Survivor, golden
from hub.stages import notes
from hub.stages.holdings import mark_segments
from hub.stages.reading import members, sources
from hub.store.derived.golden import Contact, ContactTerm, FieldProvenance, GoldenMark
from hub.store.engine import Store
from hub.store.sql import chunks, table, upsert

contacts = table(Contact)
provenance = table(FieldProvenance)
terms = table(ContactTerm)
marks = table(GoldenMark)

CHUNK = 500


def mark_contacts(db: Connection, contact_ids: Iterable[str], mark: int) -> None:
    upsert(db, marks, [{"contact_id": contact_id, "mark": mark} for contact_id in sorted(set(contact_ids))])


def golden_all(store: Store, policy: Policy) -> int:
    """Work off all marks; all contacts when the policy has changed. Returns how many contacts were looked at."""
    store.write(lambda db: _mark_all_if_changed(db, policy))
    done = 0
    while count := _golden_some(store, policy):
        done += count
    return done


def _mark_all_if_changed(db: Connection, policy: Policy) -> None:
    if notes.get(db, "survivorship") != policy.fingerprint:
        mark_contacts(db, db.execute(select(members.c.contact_id).distinct()).scalars(), mark=0)
        notes.put(db, "survivorship", policy.fingerprint)


def _golden_some(store: Store, policy: Policy) -> int:
    with store.read() as db:
        waiting = db.execute(select(marks).order_by(marks.c.contact_id).limit(CHUNK)).all()
        found = sources(db, (row.contact_id for row in waiting))
    chosen = {contact_id: golden(records, policy) for contact_id, records in found.items()}
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
    for ids in chunks(sorted(waiting)):
        db.execute(delete(provenance).where(provenance.c.contact_id.in_(ids)))
        db.execute(delete(terms).where(terms.c.contact_id.in_(ids)))
        db.execute(delete(contacts).where(contacts.c.id.in_(ids)))
    live = {contact_id: chosen[contact_id] for contact_id in sorted(waiting) if found[contact_id]}
    _insert(db, contacts, [_contact(one, fields, len(found[one])) for one, fields in live.items()])
    _insert(db, provenance, [row for one, fields in live.items() for row in _provenance(one, fields)])
    _insert(
        db,
        terms,
        [{"term": term, "contact_id": contact_id} for contact_id in live for term in sorted(_terms(found[contact_id]))],
    )
    for ids in chunks(sorted(waiting)):
        db.execute(delete(marks).where(marks.c.contact_id.in_(ids)))
    mark_segments(db, waiting)


def _still_waiting(db: Connection, read: Mapping[str, int]) -> set[str]:
    """The contacts that nobody has finished or marked anew since we read them; locked, so that nobody does now."""
    found: set[str] = set()
    for ids in chunks(sorted(read)):
        query = select(marks).where(marks.c.contact_id.in_(ids)).order_by(marks.c.contact_id).with_for_update()
        found.update(row.contact_id for row in db.execute(query) if row.mark == read[row.contact_id])
    return found


def _insert(db: Connection, into: Any, rows: list[dict[str, Any]]) -> None:
    if rows:
        db.execute(insert(into), rows)


def _contact(contact_id: str, fields: Mapping[str, Sequence[Survivor]], records: int) -> dict[str, Any]:
    def first(name: str, part: str) -> str:
        survivors = fields.get(name, ())
        return str(survivors[0].value[part]) if survivors and survivors[0].value else ""

    return {
        "id": contact_id,
        "name": first("name", "full"),
        "email": first("emails", "value"),
        "phone": first("phones", "value"),
        "records": records,
    }


def _provenance(contact_id: str, fields: Mapping[str, Sequence[Survivor]]) -> Iterable[dict[str, Any]]:
    for name, survivors in fields.items():
        for position, one in enumerate(survivors):
            yield {
                "contact_id": contact_id,
                "field": name,
                "position": position,
                "value": one.value,
                "record_id": one.record_id,
                "rule": one.rule,
                "others": [{"value": lost.value, "record_id": lost.record_id} for lost in one.others],
            }


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
            found.update((digits, digits[2:], digits[-6:]))
        found.update(str(one["value"]).casefold()[:64] for one in fields.get("identifiers", ()))
    return {term for term in found if term}
