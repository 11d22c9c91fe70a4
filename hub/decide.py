"""Human decisions: merge, apart, split, shared, good, pin and undo. Each is a row; the resolver does the rest.

Shared and good are about a value that many hold. A pin is about one golden field, by itself or with a merge. Undo
revokes the row with all that it says. Each is written into the audit, whoever calls.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from dedupe.engine.population import hashes_from
from dedupe.engine.telling import key_of, levels_between, shared_values
from dedupe.links import Seen
from dedupe.pins import said_of
from hub import audit
from hub.stages.crowds import decision_values, match_keys, popular_among
from hub.stages.golden import mark_contacts
from hub.stages.land import landed
from hub.stages.linking import CannotDecide as CannotDecide  # who decides asks for it here
from hub.stages.linking import Linked, links_of_apart, links_of_confirming, links_of_merge, links_of_split
from hub.stages.map import mark_for_resolving, people
from hub.stages.reading import decision_links, decision_pins, decisions, entries_born, members
from hub.store.sql import among


@dataclass(frozen=True, slots=True)
class Chosen:
    """What wins: the value that one record (by id) says of a golden field; of a list, what comes first.

    `field` as in the golden contact, `value` as the record has it.
    """

    record_id: int
    field: str
    value: Any


@dataclass(frozen=True, slots=True)
class _Said:
    kind: str
    author: str
    reason: str
    links: Sequence[Linked] = ()
    chosen: Sequence[Chosen] = ()


def merge(db: Connection, left: str, right: str, author: str, reason: str, chosen: Sequence[Chosen] = ()) -> int:
    """Decide that two contacts (by id) are one person, and what wins then. The decision's number.

    Raises CannotDecide.
    """
    return _record(db, _Said("merge", author, reason, links_of_merge(db, left, right), chosen))


def confirm(db: Connection, left: int, right: int, author: str, reason: str, chosen: Sequence[Chosen] = ()) -> int:
    """Decide that two records (by id) of one contact are one person, whatever they say. As `merge`."""
    return _record(db, _Said("merge", author, reason, links_of_confirming(db, left, right), chosen))


def split(db: Connection, record_ids: Iterable[int], author: str, reason: str) -> int:
    """Decide that these records of one contact are somebody else. The decision's number. Raises CannotDecide."""
    return _record(db, _Said("split", author, reason, links_of_split(db, record_ids)))


def apart(db: Connection, left: str, right: str, author: str, reason: str) -> int:
    """Decide that two contacts (by id) are not one person. The decision's number. Raises CannotDecide."""
    return _record(db, _Said("apart", author, reason, links_of_apart(db, left, right)))


def say_of_value(db: Connection, kind: str, value: str, verdict: str, author: str, reason: str) -> int:
    """Decide that a value (its kind is email, phone or identifier, "loyalty=4711") is SHARED or GOOD.

    The decision's number. Raises CannotDecide where nobody holds it.
    """
    holders = _holders(db, kind, value)
    if not holders:
        raise CannotDecide(f"nobody holds the {kind} {value}: write it as `hub contacts show` does")
    number = _number(db, _Said(verdict, author, reason))
    row = {"decision_id": number, "kind": kind, "value": value, "verdict": verdict}
    db.execute(insert(decision_values), row)
    _mark(db, holders)
    return number


def pin(db: Connection, record_id: int, field: str, value: Any, author: str, reason: str) -> int:
    """Decide that a golden field has the value that one record of the contact says; of a list, that it comes first.

    It follows that record through merges and splits. `field` and `value` as in Chosen.
    The decision's number. Raises CannotDecide where the record does not say so.
    """
    return _number(db, _Said("pin", author, reason, chosen=[Chosen(record_id, field, value)]))


def undo(db: Connection, number: int, author: str) -> None:
    """Revoke a decision; the result equals never having decided. Raises CannotDecide."""
    found = db.execute(select(decisions).where(decisions.c.id == number).with_for_update()).first()
    if found is None:
        raise CannotDecide(f"there is no decision {number}")
    if found.revoked_at is not None:
        raise CannotDecide(f"decision {number} was undone before, by {found.revoked_by}")
    now = datetime.now(UTC)
    revoked = {"revoked_at": now, "revoked_by": author}
    audit.note(db, now, author, "decision.undo", f"decision:{number}")
    db.execute(update(decisions).where(decisions.c.id == number).values(**revoked))
    named = named_in(db, number)
    _mark(db, named)
    _mark_fields(db, _pinned_in(db, number))


def named_in(db: Connection, number: int) -> set[str]:
    """The birth ids of the records that a decision names, or that hold the value that it is about."""
    rows = db.execute(
        select(decision_links.c.left_id, decision_links.c.right_id).where(decision_links.c.decision_id == number)
    )
    found = {birth_id for row in rows for birth_id in row}
    for value in db.execute(select(decision_values).where(decision_values.c.decision_id == number)):
        found |= _holders(db, value.kind, value.value)
    return found | _pinned_in(db, number)


def _pinned_in(db: Connection, number: int) -> set[str]:
    pinned = select(decision_pins.c.birth_id).where(decision_pins.c.decision_id == number)
    return set(db.execute(pinned).scalars())


def _birth_of(db: Connection, one: Chosen) -> str:
    """The birth id of the record that says so. Raises CannotDecide where it does not."""
    row = db.execute(select(people.c.birth_id, people.c.fields).where(people.c.record_id == one.record_id)).first()
    if row is None or one.value not in said_of(row.fields, one.field):
        raise CannotDecide(f"the record says nothing like this of {one.field}: `hub contacts show` lists what is said")
    return str(row.birth_id)


def _mark_fields(db: Connection, birth_ids: Iterable[str]) -> None:
    """The contacts of these records get their golden fields anew."""
    homes = (
        select(members.c.contact_id)
        .join(people, people.c.record_id == members.c.record_id)
        .where(among(people.c.birth_id, "births"))
    )
    found = db.execute(homes, {"births": set(birth_ids)}).scalars().all()
    mark_contacts(db, found, mark=time.time_ns())


def _holders(db: Connection, kind: str, value: str) -> set[str]:
    query = (
        select(people.c.birth_id)
        .join(match_keys, match_keys.c.record_id == people.c.record_id)
        .where(match_keys.c.key == key_of(kind, value))
    )
    return set(db.execute(query).scalars())


def _record(db: Connection, said: _Said) -> int:
    number = _number(db, said)
    seen = _seen(db, said.links)
    db.execute(
        insert(decision_links),
        [
            {
                "decision_id": number,
                "left_id": left,
                "right_id": right,
                "link": link.value,
                "levels": seen.get((left, right)),
            }
            for left, right, link in said.links
        ],
    )
    _mark(db, {birth_id for left, right, _ in said.links for birth_id in (left, right)})
    return number


def _seen(db: Connection, links: Sequence[Linked]) -> dict[tuple[str, str], Seen]:
    """What the records say of these pairs now; nothing where one of the two is gone."""
    births = {birth_id for left, right, _ in links for birth_id in (left, right)}
    found = {entry.birth_id: entry for entry in entries_born(db, births)}
    pairs = [(left, right) for left, right, _ in links if left in found and right in found]
    here = list(found.values())
    popular = popular_among(db, {one.key for one in shared_values(here)})
    levels = levels_between(here, [(found[left], found[right]) for left, right in pairs], hashes_from(popular))
    return dict(zip(pairs, levels, strict=True))


def _number(db: Connection, said: _Said) -> int:
    """Write the decision down with what it pins. Raises CannotDecide."""
    pinned = [(_birth_of(db, one), one) for one in said.chosen]
    row: dict[str, Any] = {
        "kind": said.kind,
        "author": said.author,
        "reason": said.reason,
        "decided_at": datetime.now(UTC),
    }
    number: int = db.execute(insert(decisions).returning(decisions.c.id), row).scalar_one()
    told = {"fields": sorted(one.field for one in said.chosen)} if said.chosen else None
    audit.note(db, row["decided_at"], said.author, f"decision.{said.kind}", f"decision:{number}", told)
    if pinned:
        about = [
            {"decision_id": number, "birth_id": birth_id, "field": one.field, "value": one.value}
            for birth_id, one in pinned
        ]
        db.execute(insert(decision_pins), about)
        _mark_fields(db, {birth_id for birth_id, _ in pinned})
    return number


def _mark(db: Connection, birth_ids: Iterable[str]) -> None:
    rows = db.execute(
        select(landed.c.connection, landed.c.stream, landed.c.external_id).where(among(landed.c.birth_id, "births")),
        {"births": set(birth_ids)},
    )
    mark_for_resolving(db, [(row[0], row[1], row[2]) for row in rows])
