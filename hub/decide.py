"""Human decisions: merge, split and undo. Each is a row of links between source records; the resolver does the rest.

A merge is one must-link between the two contacts' anchor records. A split is a cannot-link between each named record
and every other member of that moment, the named ones staying together by must-links. Undo revokes the row.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from dedupe.links import Link, pair_of
from hub.stages.land import landed
from hub.stages.map import mark_for_resolving, people
from hub.stages.reading import decision_links, decisions, members


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
    return _record(db, _Said("merge", author, reason, [(*pair_of(left, right), Link.MUST)]))


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
    """The birth ids of the records that a decision names."""
    rows = db.execute(
        select(decision_links.c.left_id, decision_links.c.right_id).where(decision_links.c.decision_id == number)
    )
    return {birth_id for row in rows for birth_id in row}


def _births(db: Connection, contact_id: str) -> dict[int, str]:
    query = (
        select(people.c.record_id, people.c.birth_id)
        .join(members, members.c.record_id == people.c.record_id)
        .where(members.c.contact_id == contact_id)
        .order_by(people.c.birth_id)
    )
    return {row.record_id: row.birth_id for row in db.execute(query)}


def _record(db: Connection, said: _Said) -> int:
    row: dict[str, Any] = {
        "kind": said.kind,
        "author": said.author,
        "reason": said.reason,
        "decided_at": datetime.now(UTC),
    }
    number: int = db.execute(insert(decisions).returning(decisions.c.id), row).scalar_one()
    db.execute(
        insert(decision_links),
        [
            {"decision_id": number, "left_id": left, "right_id": right, "link": link.value}
            for left, right, link in said.links
        ],
    )
    _mark(db, {birth_id for left, right, _ in said.links for birth_id in (left, right)})
    return number


def _mark(db: Connection, birth_ids: Iterable[str]) -> None:
    rows = db.execute(
        select(landed.c.connection, landed.c.stream, landed.c.external_id).where(
            landed.c.birth_id.in_(sorted(birth_ids))
        )
    )
    mark_for_resolving(db, [(row[0], row[1], row[2]) for row in rows])
