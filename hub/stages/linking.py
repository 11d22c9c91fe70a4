"""The links that a decision about contacts stands for: read from who is where, and nothing is written.

A merge is one must-link between the two contacts' anchor records, and one wherever a decision in force keeps records
of the two apart, so that the newest wins. Apart is a cannot-link between each of the oldest records of one contact and
each of the other's, so that it holds when some of them are deleted, and between any two of which it is asked whether
they are one person, so that it answers that. A split is a cannot-link between each named record and every other member
of that moment, the named ones staying together by must-links.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, bindparam, select

from dedupe.links import Link, pair_of
from hub.stages.increment import reviews
from hub.stages.map import people
from hub.stages.reading import links_touching, members

MOST_PINNED = 5
"""How many records of a contact a decision about two contacts names."""

_BIRTHS = (
    select(people.c.record_id, people.c.birth_id)
    .join(members, members.c.record_id == people.c.record_id)
    .where(members.c.contact_id == bindparam("contact"))
    .order_by(people.c.birth_id)
)
_OLDEST = (
    select(people.c.birth_id)
    .join(members, members.c.record_id == people.c.record_id)
    .where(members.c.contact_id == bindparam("contact"))
    .order_by(people.c.born, people.c.birth_id)
    .limit(MOST_PINNED)
)
_OF, _WITH = members.alias(), members.alias()
_OF_BORN, _WITH_BORN = people.alias(), people.alias()
_ASKED = (
    select(_OF_BORN.c.birth_id, _WITH_BORN.c.birth_id)
    .select_from(reviews)
    .join(_OF, _OF.c.record_id == reviews.c.left_id)
    .join(_WITH, _WITH.c.record_id == reviews.c.right_id)
    .join(_OF_BORN, _OF_BORN.c.record_id == reviews.c.left_id)
    .join(_WITH_BORN, _WITH_BORN.c.record_id == reviews.c.right_id)
    .where(_OF.c.contact_id == bindparam("of"), _WITH.c.contact_id == bindparam("with"))
)

Linked = tuple[str, str, Link]
"""What a decision says of two records, by birth id, the smaller first."""


class CannotDecide(Exception):
    """The decision makes no sense as asked; the message says why and what to do."""


def links_of_merge(db: Connection, left: str, right: str) -> list[Linked]:
    """That two contacts (by id) are one person. Raises CannotDecide."""
    if left == right:
        raise CannotDecide(f"both keys lead to contact {left}: they are one already")
    pairs = dict.fromkeys([pair_of(left, right), *_kept_apart(db, left, right)])
    return [(*pair, Link.MUST) for pair in pairs]


def links_of_confirming(db: Connection, left: int, right: int) -> list[Linked]:
    """That two records (by id) of one contact are one person. Raises CannotDecide."""
    births = select(people.c.birth_id).where(people.c.record_id.in_((left, right)))
    pair = db.execute(births).scalars().all()
    if len(pair) != 2:
        raise CannotDecide("name two records: these are one, or gone")
    return [(*pair_of(*pair), Link.MUST)]


def links_of_split(db: Connection, record_ids: Iterable[int]) -> list[Linked]:
    """That these records of one contact are somebody else. Raises CannotDecide."""
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
    return links + [(*pair_of(apart[0], other), Link.MUST) for other in apart[1:]]


def links_of_apart(db: Connection, left: str, right: str) -> list[Linked]:
    """That two contacts (by id) are not one person. Raises CannotDecide."""
    if left == right:
        raise CannotDecide(f"both keys lead to contact {left}: split off the records that are somebody else")
    pairs = {pair_of(one, other) for one in _oldest(db, left) for other in _oldest(db, right)}
    pairs |= _kept_apart(db, left, right) | _asked(db, left, right)
    return [(*pair, Link.CANNOT) for pair in sorted(pairs)]


def _oldest(db: Connection, contact_id: str) -> Sequence[str]:
    return db.execute(_OLDEST, {"contact": contact_id}).scalars().all()


def _kept_apart(db: Connection, left: str, right: str) -> set[tuple[str, str]]:
    """The pairs of records of two contacts that decisions in force keep apart."""
    lefts, rights = (set(_births(db, contact).values()) for contact in (left, right))
    cannot = links_touching(db, lefts).cannot
    return {pair for pair in cannot if not rights.isdisjoint(pair) and not lefts.isdisjoint(pair)}


def _asked(db: Connection, left: str, right: str) -> set[tuple[str, str]]:
    """The pairs of records of two contacts about which a question is open."""
    both_ways = ({"of": left, "with": right}, {"of": right, "with": left})
    return {pair_of(*row) for sides in both_ways for row in db.execute(_ASKED, sides)}


def _births(db: Connection, contact_id: str) -> dict[int, str]:
    return {row.record_id: row.birth_id for row in db.execute(_BIRTHS, {"contact": contact_id})}
