"""Known pairs: one question in thirty was answered long ago or by two people; a reviewer sees how often they agree."""

from __future__ import annotations

import secrets
from datetime import timedelta

from sqlalchemy import Connection, bindparam, func, select, tuple_

from dedupe.links import Link
from hub.admin.review import claims
from hub.admin.review.answers import APART, MERGE, answers
from hub.admin.review.claims import Reviewer, claim
from hub.queries.review_queue import item_of
from hub.stages.map import people
from hub.stages.reading import decision_links, decisions
from hub.store.clock import database_now

EVERY = 30
UNDISPUTED = timedelta(days=30)
MOST_LOOKED_AT = 500
"""The newest links of decisions among which a known pair is looked for."""

MOST_TESTS = 100
"""So many of a reviewer's latest tests make their accuracy."""


def is_due(db: Connection, who: Reviewer) -> bool:
    """Whether this session's next question is to be a known one."""
    own = answers.c.session == who.session
    last = db.execute(select(func.max(answers.c.id)).where(own, answers.c.expected != "")).scalar() or 0
    since = db.execute(select(func.count()).select_from(answers).where(own, answers.c.id > last)).scalar_one()
    if since + len(claims.held_by(db, who)) + 1 < EVERY:
        return False
    waiting = (claims.claims.c.session == who.session) & (claims.claims.c.expected != "")
    return db.execute(select(claims.claims.c.item).where(waiting)).first() is None


def hold_known(db: Connection, who: Reviewer) -> str | None:
    """A known pair that this reviewer has not decided and was not asked before; None where there is none."""
    found = _candidates(db, who)
    while found:
        item, expected = found.pop(secrets.randbelow(len(found)))
        if not _was_asked(db, who, item) and claims.holder_of(db, item) is None and claim(db, who, item, expected):
            return item
    return None


_NEWEST = (
    select(decision_links, decisions.c.author, decisions.c.decided_at)
    .join(decisions, decisions.c.id == decision_links.c.decision_id)
    .where(decisions.c.revoked_at.is_(None), decisions.c.kind.in_((MERGE, APART)))
    .order_by(decision_links.c.decision_id.desc())
    .limit(MOST_LOOKED_AT)
    .cte()
)
_OF_OTHERS = select(_NEWEST.c.left_id, _NEWEST.c.right_id).where(_NEWEST.c.author != bindparam("reviewer"))
_VOICES = (
    select(_NEWEST)
    .where(tuple_(_NEWEST.c.left_id, _NEWEST.c.right_id).in_(_OF_OTHERS))
    .order_by(_NEWEST.c.decision_id.desc())
)


def _candidates(db: Connection, who: Reviewer) -> list[tuple[str, str]]:
    told: dict[tuple[str, str], list[tuple[str, str, bool]]] = {}
    undisputed = database_now(db) - UNDISPUTED
    for row in db.execute(_VOICES, {"reviewer": who.name}):
        said = (row.link, row.author, row.decided_at < undisputed)
        told.setdefault((row.left_id, row.right_id), []).append(said)
    known = {pair: said[0][0] for pair, said in told.items() if _is_known(said, who.name)}
    return _items(db, known)


def _is_known(said: list[tuple[str, str, bool]], reviewer: str) -> bool:
    """Nobody said otherwise, not the reviewer alone: two people, or one long ago."""
    links, authors = {link for link, _, _ in said}, {author for _, author, _ in said}
    return len(links) == 1 and (len(authors) > 1 or (reviewer not in authors and all(old for _, _, old in said)))


def _items(db: Connection, known: dict[tuple[str, str], str]) -> list[tuple[str, str]]:
    births = {birth for pair in known for birth in pair}
    query = select(people.c.birth_id, people.c.record_id).where(people.c.birth_id.in_(sorted(births)))
    here = {row.birth_id: row.record_id for row in db.execute(query)}
    return [
        (item_of(*sorted((here[left], here[right]))), MERGE if link == Link.MUST else APART)
        for (left, right), link in known.items()
        if left in here and right in here
    ]


def _was_asked(db: Connection, who: Reviewer, item: str) -> bool:
    own = (answers.c.reviewer == who.name) & (answers.c.item == item)
    return db.execute(select(answers.c.id).where(own).limit(1)).first() is not None


def accuracy(db: Connection, reviewer: str) -> tuple[int, int]:
    """How many of the reviewer's latest known pairs they answered as it is known, and how many there were."""
    tests = (answers.c.reviewer == reviewer) & (answers.c.expected != "") & answers.c.undone_at.is_(None)
    query = select(answers.c.answer, answers.c.expected).where(tests).order_by(answers.c.id.desc()).limit(MOST_TESTS)
    rows = db.execute(query).all()
    return sum(row.answer == row.expected for row in rows), len(rows)
