"""Claims: who has which question before them, for five minutes from their last sign of life, in database time.

Law: a question is in at most one session at a time; a claim that has run out is free.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice

from sqlalchemy import Connection, bindparam, delete, select, update

from hub.queries.review_queue import EVERYTHING, Narrowed, is_asked, is_within, questions
from hub.store.clock import database_now
from hub.store.operating.review import ReviewClaim, ReviewSkip
from hub.store.sql import insert_new, table, upsert

claims = table(ReviewClaim)
skips = table(ReviewSkip)

TERM = timedelta(minutes=5)
LATER = timedelta(hours=1)
"""How long a question that was put off stays behind all others."""


_ALIVE = claims.c.until > bindparam("now")
_OF_SESSION = claims.c.session == bindparam("holder")
_OF_QUEUE = select(claims.c.item).where(_OF_SESSION, _ALIVE, ~claims.c.item.startswith("f:"))
_HELD = _OF_QUEUE.order_by(claims.c.since, claims.c.item)
_OTHERS = select(claims.c.item).where(claims.c.session != bindparam("holder"), _ALIVE)
_HOLDER = select(claims.c.session).where(claims.c.item == bindparam("of"), _ALIVE)
_EXPECTED = select(claims.c.expected).where(claims.c.item == bindparam("of"), _OF_SESSION)
_OWN_SKIPS = select(skips.c.item).where(skips.c.reviewer == bindparam("by"), skips.c.at > bindparam("after"))
_PUT_OFF = _OWN_SKIPS.order_by(skips.c.at, skips.c.item)
_KEPT = update(claims).where(_OF_SESSION, _ALIVE)
_IS_FREE = (claims.c.until <= bindparam("now")) | _OF_SESSION
_TAKEN = update(claims).where(claims.c.item == bindparam("of"), _IS_FREE)


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


def coming(db: Connection, who: Reviewer, of: Narrowed, most: int) -> list[str]:
    """Up to `most` questions that this session would be given next. Takes none."""
    return list(islice(_free(db, who, set(held_by(db, who)), of), most))


def _from_queue(db: Connection, who: Reviewer, but: set[str], most: int, of: Narrowed) -> list[str]:
    return list(islice((item for item in _free(db, who, but, of) if claim(db, who, item)), most))


def _free(db: Connection, who: Reviewer, but: set[str], of: Narrowed) -> Iterator[str]:
    """The order of the queue, so that two who ask at once meet at the same question and one of them goes on."""
    taken = but | _held_by_others(db, who)
    put_off = _put_off(db, who)
    waiting: list[str] = []
    for one in questions(db, of):
        if one.item in put_off:
            waiting.append(one.item)
        elif one.item not in taken:
            yield one.item
    yield from sorted((item for item in waiting if item not in taken), key=put_off.index)


def claim(db: Connection, who: Reviewer, item: str, expected: str = "") -> bool:
    """Take a question; False where another session has it."""
    now = database_now(db)
    row = {"reviewer": who.name, "session": who.session, "since": now, "until": now + TERM, "expected": expected}
    if db.execute(_TAKEN, {**row, "of": item, "holder": who.session, "now": now}).rowcount:
        return True
    insert_new(db, claims, [{"item": item, **row}])
    return holder_of(db, item) == who.session


def holder_of(db: Connection, item: str) -> str | None:
    """The session that has a question before it now."""
    found: str | None = db.execute(_HOLDER, {"of": item, "now": database_now(db)}).scalar()
    return found


def expected_of(db: Connection, who: Reviewer, item: str) -> str:
    """The known answer where this session's question is a test; else ""."""
    return db.execute(_EXPECTED, {"of": item, "holder": who.session}).scalar() or ""


def held_by(db: Connection, who: Reviewer) -> list[str]:
    """What this session has before it of the queue, in the order in which it was given."""
    return list(db.execute(_HELD, {"holder": who.session, "now": database_now(db)}).scalars())


def keep(db: Connection, who: Reviewer) -> None:
    """A sign of life: this session keeps what it has before it for another five minutes."""
    now = database_now(db)
    db.execute(_KEPT, {"holder": who.session, "now": now, "until": now + TERM})


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
    return set(db.execute(_OTHERS, {"holder": who.session, "now": database_now(db)}).scalars())


def _put_off(db: Connection, who: Reviewer) -> Sequence[str]:
    """What this reviewer has put off lately, the longest ago first."""
    return db.execute(_PUT_OFF, {"by": who.name, "after": database_now(db) - LATER}).scalars().all()
