"""Many questions at once: pairs that compare alike, answered as the reviewers answered ten of them by hand.

Pairs of one pattern weigh the same, so that they are found by their weight; each is compared before it counts.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from sqlalchemy import Connection, func, select

from dedupe.engine.population import hashes_from
from dedupe.engine.telling import best_pair
from dedupe.engine.weights import Model
from hub.admin.review import claims
from hub.admin.review.answers import APART, MERGE, Given, answers, keep_answer
from hub.admin.review.claims import Reviewer
from hub.decide import CannotDecide, apart, merge
from hub.queries.how import popular_values
from hub.queries.review_pair import pattern_of
from hub.queries.review_queue import item_of
from hub.stages.increment import reviews
from hub.stages.reading import entries, members
from hub.store.engine import Store
from hub.store.sql import among, chunks

ENOUGH = 10
"""So many answers by hand, all alike, speak for a pattern."""

MOST_AT_ONCE = 200
MOST_GROUPS = 20
ONE_TRANSACTION = 20


@dataclass(frozen=True, slots=True)
class Pattern:
    """`items`: the open questions of it that nobody has before them; `merged` and `parted`: by hand, standing."""

    kind: str
    weight: float
    pattern: str
    items: Sequence[str]
    merged: int
    parted: int

    @property
    def answer(self) -> str:
        """What may be said of all of them; "" while too few were answered, or not alike."""
        if self.merged + self.parted < ENOUGH or (self.merged and self.parted):
            return ""
        return MERGE if self.merged else APART

    @property
    def shown(self) -> str:
        return sha256(" ".join([self.pattern, *self.items]).encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Group:
    """Open questions of one kind and weight, most likely of one pattern, and one of them."""

    kind: str
    weight: float
    size: int
    item: str


def groups(db: Connection) -> list[Group]:
    """The largest first."""
    query = (
        select(reviews.c.kind, reviews.c.weight, func.count().label("size"), func.min(reviews.c.left_id).label("left"))
        .where(reviews.c.kind.in_(("possible_match", "ambiguous")))
        .group_by(reviews.c.kind, reviews.c.weight)
        .order_by(func.count().desc(), reviews.c.weight.desc())
        .limit(MOST_GROUPS)
    )
    found = []
    for row in db.execute(query).all():
        own = (reviews.c.kind == row.kind) & (reviews.c.weight == row.weight) & (reviews.c.left_id == row.left)
        right = db.execute(select(func.min(reviews.c.right_id)).where(own)).scalar_one()
        found.append(Group(row.kind, row.weight / 1000, row.size, item_of(row.left, right)))
    return found


def pattern_like(db: Connection, model: Model, who: Reviewer, item: str) -> Pattern | None:
    """The open questions that compare as this one does; None where it is no open pair."""
    left, _, right = item.partition("-")
    own = (reviews.c.left_id == int(left)) & (reviews.c.right_id == int(right))
    asked = db.execute(select(reviews).where(own)).first()
    if asked is None:
        return None
    query = (
        select(reviews.c.left_id, reviews.c.right_id)
        .where(reviews.c.kind == asked.kind, reviews.c.weight == asked.weight)
        .order_by(reviews.c.left_id, reviews.c.right_id)
        .limit(MOST_AT_ONCE)
    )
    pairs = [(row.left_id, row.right_id) for row in db.execute(query)]
    told = _patterns(db, model, [(asked.left_id, asked.right_id), *pairs])
    wanted = told.get((asked.left_id, asked.right_id), "")
    busy = {one for one, by in claims.sessions(db).items() if by != who.session}
    items = [item_of(*pair) for pair in pairs if told.get(pair) == wanted and item_of(*pair) not in busy]
    return Pattern(asked.kind, asked.weight / 1000, wanted, items, *_by_hand(db, wanted))


def _patterns(db: Connection, model: Model, pairs: Sequence[tuple[int, int]]) -> dict[tuple[int, int], str]:
    found = entries(db, {one for pair in pairs for one in pair})
    popular = hashes_from(one.key for one, _ in popular_values(db, found.values()))
    return {
        (left, right): pattern_of(best_pair([found[left]], [found[right]], popular, model).verdict)
        for left, right in pairs
        if left in found and right in found
    }


def _by_hand(db: Connection, pattern: str) -> tuple[int, int]:
    standing = (
        (answers.c.pattern == pattern)
        & (answers.c.batch == "")
        & answers.c.undone_at.is_(None)
        & answers.c.decision_id.is_not(None)
    )
    query = select(answers.c.answer, func.count()).where(standing).group_by(answers.c.answer)
    counts = {row[0]: row[1] for row in db.execute(query)}
    return counts.get(MERGE, 0), counts.get(APART, 0)


def answer_all(store: Store, who: Reviewer, found: Pattern) -> int:
    """Answer every question of a pattern as those by hand were; how many. One undo takes all of them back."""
    batch = secrets.token_hex(16)
    return sum(
        store.write(lambda db, some=some: _answer_some(db, who, found, some, batch))  # type: ignore[misc]
        for some in chunks(found.items, ONE_TRANSACTION)
    )


def _answer_some(db: Connection, who: Reviewer, found: Pattern, some: Sequence[str], batch: str) -> int:
    """Those that are still open, of two contacts, and before nobody else."""
    make = merge if found.answer == MERGE else apart
    reason = f"as {found.merged + found.parted} of this pattern by hand"
    pairs = [tuple(map(int, item.split("-"))) for item in some]
    homes = _homes(db, {one for pair in pairs for one in pair})
    done = 0
    for item, (left, right) in zip(some, pairs, strict=True):
        if left not in homes or right not in homes or claims.holder_of(db, item) not in (None, who.session):
            continue
        try:
            number = make(db, homes[left], homes[right], who.name, reason)
        except CannotDecide:
            continue
        given = Given(item, found.answer, f"{batch}{item}", "")
        keep_answer(db, who, given, {"pattern": found.pattern, "batch": batch, "decision_id": number})
        claims.let_go(db, item)
        done += 1
    return done


_HOMES = select(members.c.record_id, members.c.contact_id).where(among(members.c.record_id, "ids"))


def _homes(db: Connection, ids: set[int]) -> dict[int, str]:
    return {row.record_id: row.contact_id for row in db.execute(_HOMES, {"ids": ids})}
