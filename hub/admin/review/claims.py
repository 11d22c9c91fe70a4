"""Claims: who has which question before them, for five minutes from their last sign of life, in database time.

Law: a question is in at most one session at a time; a claim that has run out is free.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection, delete, select, update

from hub.queries.review_queue import EVERYTHING, Narrowed, is_asked, is_within, questions
from hub.store.clock import database_now
from hub.store.operating.review import ReviewClaim, ReviewSkip
from hub.store.sql import insert_new, table, upsert

claims = table(ReviewClaim)
skips = table(ReviewSkip)

TERM = timedelta(minutes=5)
LATER = timedelta(hours=1)
"""How long a question that was put off stays behind all others."""


@dataclass(frozen=True, slots=True)
class Reviewer:
    """Who answers: a name, and the session (a browser's or a terminal's) that holds the claims."""

    name: str
    session: str


def hold(db: Connection, who: Reviewer, items: Collection[str], most: int, of: Narrowed = EVERYTHING) -> list[str]:
    """Up to `most` questions for this session, besides those that it has before it already (`items`).

    First what it holds, then the queue; what the reviewer put off comes when nothing else is left.
    """
    keep(db, who)
    found = [item for item in held_by(db, who) if item not in items and _is_wanted(db, who, item, of)][:most]
    if len(found) < most:
        found += _from_queue(db, who, {*items, *found}, most - len(found), of)
    return found


def _is_wanted(db: Connection, who: Reviewer, item: str, of: Narrowed) -> bool:
    """What is settled meanwhile, or none of what the reviewer narrowed the queue to, is let go."""
    if expected_of(db, who, item) or (is_asked(db, item) if of == EVERYTHING else is_within(db, item, of)):
        return True
    let_go(db, item)
    return False


def _from_queue(db: Connection, who: Reviewer, but: set[str], most: int, of: Narrowed) -> list[str]:
    """The order of the queue, so that two who ask at once meet at the same question and one of them goes on."""
    taken = but | _held_by_others(db, who)
    put_off = _put_off(db, who)
    found: list[str] = []
    waiting: list[str] = []
    for one in questions(db, of):
        if one.item in taken:
            continue
        if one.item in put_off:
            waiting.append(one.item)
        elif claim(db, who, one.item):
            found.append(one.item)
        if len(found) == most:
            return found
    again = sorted(waiting, key=put_off.index)[: most - len(found)]
    return found + [item for item in again if claim(db, who, item)]


def claim(db: Connection, who: Reviewer, item: str, expected: str = "") -> bool:
    """Take a question; False where another session has it."""
    now = database_now(db)
    row = {"reviewer": who.name, "session": who.session, "since": now, "until": now + TERM}
    is_free = (claims.c.until <= now) | (claims.c.session == who.session)
    taken = db.execute(update(claims).where(claims.c.item == item, is_free).values(**row, expected=expected))
    if taken.rowcount:
        return True
    insert_new(db, claims, [{"item": item, **row, "expected": expected}])
    return holder_of(db, item) == who.session


def holder_of(db: Connection, item: str) -> str | None:
    """The session that has a question before it now."""
    alive = claims.c.until > database_now(db)
    found: str | None = db.execute(select(claims.c.session).where(claims.c.item == item, alive)).scalar()
    return found


def expected_of(db: Connection, who: Reviewer, item: str) -> str:
    """The known answer where this session's question is a test; else ""."""
    own = (claims.c.item == item) & (claims.c.session == who.session)
    return db.execute(select(claims.c.expected).where(own)).scalar() or ""


def held_by(db: Connection, who: Reviewer) -> list[str]:
    """What this session has before it of the queue, in the order in which it was given."""
    own = (claims.c.session == who.session) & (claims.c.until > database_now(db)) & ~claims.c.item.startswith("f:")
    return list(db.execute(select(claims.c.item).where(own).order_by(claims.c.since, claims.c.item)).scalars())


def keep(db: Connection, who: Reviewer) -> None:
    """A sign of life: this session keeps what it has before it for another five minutes."""
    now = database_now(db)
    own = (claims.c.session == who.session) & (claims.c.until > now)
    db.execute(update(claims).where(own).values(until=now + TERM))


def let_go(db: Connection, item: str) -> None:
    db.execute(delete(claims).where(claims.c.item == item))


def let_all_go(db: Connection, who: Reviewer) -> None:
    """Give everything back that this session has before it."""
    db.execute(delete(claims).where(claims.c.session == who.session))


def put_off(db: Connection, who: Reviewer, item: str) -> None:
    """Ask this reviewer later again."""
    upsert(db, skips, [{"reviewer": who.name, "item": item, "at": database_now(db)}])
    let_go(db, item)


def take_back(db: Connection, who: Reviewer, item: str) -> None:
    """As if it had never been put off."""
    db.execute(delete(skips).where(skips.c.reviewer == who.name, skips.c.item == item))


def everybodys(db: Connection) -> dict[str, str]:
    """By question, the name of the reviewer who has it before them now."""
    alive = claims.c.until > database_now(db)
    return {row.item: row.reviewer for row in db.execute(select(claims.c.item, claims.c.reviewer).where(alive))}


def sessions(db: Connection) -> dict[str, str]:
    """By question, the session that has it before it now."""
    alive = claims.c.until > database_now(db)
    return {row.item: row.session for row in db.execute(select(claims.c.item, claims.c.session).where(alive))}


def _held_by_others(db: Connection, who: Reviewer) -> set[str]:
    others = (claims.c.session != who.session) & (claims.c.until > database_now(db))
    return set(db.execute(select(claims.c.item).where(others)).scalars())


def _put_off(db: Connection, who: Reviewer) -> Sequence[str]:
    """What this reviewer has put off lately, the longest ago first."""
    own = (skips.c.reviewer == who.name) & (skips.c.at > database_now(db) - LATER)
    return db.execute(select(skips.c.item).where(own).order_by(skips.c.at, skips.c.item)).scalars().all()
