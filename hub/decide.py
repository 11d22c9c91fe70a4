"""Human decisions: merge, apart, split, shared, good and undo. Each is a row of its own; the resolver does the rest.

A merge is one must-link between the two contacts' anchor records, and one wherever a decision in force keeps records
of the two apart, so that the newest wins. Apart is a cannot-link between each of the oldest
records of one contact and each of the other's, so that it holds when some of them are deleted. A split is a cannot-link
between each named record and every other member of that moment, the named ones staying together by must-links. Shared
and good are about a value that many hold. Undo revokes the row.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from dedupe.engine.population import hashes_from, population_of
from dedupe.engine.telling import key_of, levels_between
from dedupe.links import Link, Seen, pair_of
from hub.stages.crowds import decision_values, match_keys, popular_among
from hub.stages.land import landed
from hub.stages.map import mark_for_resolving, people
from hub.stages.reading import decision_links, decisions, entries_born, links_touching, members
from hub.store.sql import among

MOST_PINNED = 5
"""How many records of a contact a decision about two contacts names."""


class CannotDecide(Exception):
    """The decision makes no sense as asked; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class _Said:
    kind: str
    author: str
    reason: str
    links: Sequence[tuple[str, str, Link]]


def merge(db: Connection, left: str, right: str, author: str, reason: str) -> int:
    """Decide that two contacts (by id) are one person. The decision's number. Raises CannotDecide."""
    if left == right:
        raise CannotDecide(f"both keys lead to contact {left}: they are one already")
    pairs = dict.fromkeys([pair_of(left, right), *_kept_apart(db, left, right)])
    return _record(db, _Said("merge", author, reason, [(*pair, Link.MUST) for pair in pairs]))


def confirm(db: Connection, left: int, right: int, author: str, reason: str) -> int:
    """Decide that two records (by id) of one contact are one person, whatever they say. The decision's number."""
    births = select(people.c.birth_id).where(people.c.record_id.in_((left, right)))
    pair = db.execute(births).scalars().all()
    if len(pair) != 2:
        raise CannotDecide("name two records: these are one, or gone")
    return _record(db, _Said("merge", author, reason, [(*pair_of(*pair), Link.MUST)]))


def split(db: Connection, record_ids: Iterable[int], author: str, reason: str) -> int:
    """Decide that these records of one contact are somebody else. The decision's number. Raises CannotDecide."""
    named = sorted(set(record_ids))
    homes = set(db.execute(select(members.c.contact_id).where(members.c.record_id.in_(named))).scalars())
    if len(homes) != 1:
        raise CannotDecide("the records to split off must all be in one contact")
    everyone = _births(db, homes.pop())
    apart = [birth_id for record_id, birth_id in everyone.items() if record_id in named]
    rest = [birth_id for record_id, birth_id in everyone.items() if record_id not in named]
    if not rest:
        raise CannotDecide("these are all records of the contact: name those that are somebody else")
    links = [(*pair_of(one, other), Link.CANNOT) for one in apart for other in rest]
    links += [(*pair_of(apart[0], other), Link.MUST) for other in apart[1:]]
    return _record(db, _Said("split", author, reason, links))


def apart(db: Connection, left: str, right: str, author: str, reason: str) -> int:
    """Decide that two contacts (by id) are not one person. The decision's number. Raises CannotDecide."""
    if left == right:
        raise CannotDecide(f"both keys lead to contact {left}: split off the records that are somebody else")
    pairs = {pair_of(one, other) for one in _oldest(db, left) for other in _oldest(db, right)}
    pairs |= _kept_apart(db, left, right)
    return _record(db, _Said("apart", author, reason, [(*pair, Link.CANNOT) for pair in sorted(pairs)]))


def say_of_value(db: Connection, kind: str, value: str, verdict: str, author: str, reason: str) -> int:
    """Decide that a value (its kind is email, phone or identifier, "loyalty=4711") is SHARED or GOOD.

    The decision's number. Raises CannotDecide where nobody holds it.
    """
    holders = _holders(db, kind, value)
    if not holders:
        raise CannotDecide(f"nobody holds the {kind} {value}: write it as `hub contacts show` does")
    number = _number(db, _Said(verdict, author, reason, ()))
    row = {"decision_id": number, "kind": kind, "value": value, "verdict": verdict}
    db.execute(insert(decision_values), row)
    _mark(db, holders)
    return number


def undo(db: Connection, number: int, author: str) -> None:
    """Revoke a decision; the result equals never having decided. Raises CannotDecide."""
    found = db.execute(select(decisions).where(decisions.c.id == number).with_for_update()).first()
    if found is None:
        raise CannotDecide(f"there is no decision {number}")
    if found.revoked_at is not None:
        raise CannotDecide(f"decision {number} was undone before, by {found.revoked_by}")
    revoked = {"revoked_at": datetime.now(UTC), "revoked_by": author}
    db.execute(update(decisions).where(decisions.c.id == number).values(**revoked))
    _mark(db, named_in(db, number))


def named_in(db: Connection, number: int) -> set[str]:
    """The birth ids of the records that a decision names, or that hold the value that it is about."""
    rows = db.execute(
        select(decision_links.c.left_id, decision_links.c.right_id).where(decision_links.c.decision_id == number)
    )
    found = {birth_id for row in rows for birth_id in row}
    for value in db.execute(select(decision_values).where(decision_values.c.decision_id == number)):
        found |= _holders(db, value.kind, value.value)
    return found


def _holders(db: Connection, kind: str, value: str) -> set[str]:
    query = (
        select(people.c.birth_id)
        .join(match_keys, match_keys.c.record_id == people.c.record_id)
        .where(match_keys.c.key == key_of(kind, value))
    )
    return set(db.execute(query).scalars())


def _oldest(db: Connection, contact_id: str) -> Sequence[str]:
    query = (
        select(people.c.birth_id)
        .join(members, members.c.record_id == people.c.record_id)
        .where(members.c.contact_id == contact_id)
        .order_by(people.c.born, people.c.birth_id)
        .limit(MOST_PINNED)
    )
    return db.execute(query).scalars().all()


def _kept_apart(db: Connection, left: str, right: str) -> set[tuple[str, str]]:
    """The pairs of records of two contacts that decisions in force keep apart."""
    lefts, rights = (set(_births(db, contact).values()) for contact in (left, right))
    cannot = links_touching(db, lefts).cannot
    return {pair for pair in cannot if not rights.isdisjoint(pair) and not lefts.isdisjoint(pair)}


def _births(db: Connection, contact_id: str) -> dict[int, str]:
    query = (
        select(people.c.record_id, people.c.birth_id)
        .join(members, members.c.record_id == people.c.record_id)
        .where(members.c.contact_id == contact_id)
        .order_by(people.c.birth_id)
    )
    return {row.record_id: row.birth_id for row in db.execute(query)}


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


def _seen(db: Connection, links: Sequence[tuple[str, str, Link]]) -> dict[tuple[str, str], Seen]:
    """What the records say of these pairs now; nothing where one of the two is gone."""
    births = {birth_id for left, right, _ in links for birth_id in (left, right)}
    found = {entry.birth_id: entry for entry in entries_born(db, births)}
    pairs = [(left, right) for left, right, _ in links if left in found and right in found]
    here = list(found.values())
    popular = popular_among(db, population_of(here).value_keys()) if here else set()
    levels = levels_between(here, [(found[left], found[right]) for left, right in pairs], hashes_from(popular))
    return dict(zip(pairs, levels, strict=True))


def _number(db: Connection, said: _Said) -> int:
    row: dict[str, Any] = {
        "kind": said.kind,
        "author": said.author,
        "reason": said.reason,
        "decided_at": datetime.now(UTC),
    }
    number: int = db.execute(insert(decisions).returning(decisions.c.id), row).scalar_one()
    return number


def _mark(db: Connection, birth_ids: Iterable[str]) -> None:
    rows = db.execute(
        select(landed.c.connection, landed.c.stream, landed.c.external_id).where(among(landed.c.birth_id, "births")),
        {"births": set(birth_ids)},
    )
    mark_for_resolving(db, [(row[0], row[1], row[2]) for row in rows])
