"""Notices as rows: queued with the change they tell of, attempted, answered, given up, and put back by a person."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Literal

from sqlalchemy import Connection, RowMapping, func, insert, select, update

from hub.store.jsontext import storable
from hub.store.operating.notices import Notice, NoticeAttempt
from hub.store.sql import chunks, insert_new, table

notices = table(Notice)
attempts = table(NoticeAttempt)

HOOK, DESK = "hook:", "desk:"
WAITING, SENT, DELIVERED, DEAD = "waiting", "sent", "delivered", "dead"
OPEN = (WAITING, SENT)
TASK = "task"

BACKOFF = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    *(timedelta(hours=hours) for hours in (2, 5, 10, 14, 20, 24)),
)
"""How long after each failed attempt the next one is, as Standard Webhooks advises; after the last of them: dead."""

LONGEST_WAIT = timedelta(days=1)
"""No receiver means more than this when it asks for patience."""

SCATTER = 0.1
DAY = timedelta(days=1)

Became = Literal["delivered", "failed", "refused"]
"""What became of an attempt: refused is for good, failed is tried again."""


@dataclass(frozen=True, slots=True)
class News:
    """Something that has happened. `parts` are what makes it one: the same ones again are the same happening."""

    kind: str
    parts: tuple[str, ...]
    happened_at: datetime
    contact_id: str
    data: dict[str, Any] = field(default_factory=dict)
    rule: str = ""
    reason: str = ""

    @property
    def event(self) -> str:
        """Its public id."""
        text = "\x1f".join((self.kind, *self.parts))
        return "evt_" + sha256(text.encode("utf-8", "backslashreplace")).hexdigest()[:32]


def queue(db: Connection, target: str, news: Iterable[News]) -> None:
    """Let these be told at a target; in the caller's transaction, which is that of what has happened.

    What is there already is left alone, however it ended.
    """
    rows = [
        {
            "event": one.event,
            "target": target,
            "kind": one.kind,
            "rule": one.rule,
            "contact_id": one.contact_id,
            "data": one.data,
            "reason": one.reason,
            "happened_at": one.happened_at,
            "status": WAITING,
            "attempts": 0,
            "next_try_at": one.happened_at,
            "message": "",
        }
        for one in news
    ]
    for some in chunks(rows):
        insert_new(db, notices, some)


def targets_due(db: Connection, now: datetime) -> list[str]:
    due = notices.c.status.in_(OPEN) & (notices.c.next_try_at <= now)
    return sorted(db.execute(select(notices.c.target).where(due).distinct()).scalars())


def due(db: Connection, target: str, now: datetime, limit: int) -> list[RowMapping]:
    """What may be told there now, in the order in which it happened. For who holds the target's lease:

    a row that says `sent` was begun by somebody who has died meanwhile.
    """
    own = (notices.c.target == target) & notices.c.status.in_(OPEN) & (notices.c.next_try_at <= now)
    return list(db.execute(select(notices).where(own).order_by(notices.c.id).limit(limit)).mappings())


def dead_by_target(db: Connection) -> dict[str, int]:
    """How many are dead; targets without any are left out."""
    query = select(notices.c.target, func.count()).where(notices.c.status == DEAD).group_by(notices.c.target)
    return {row[0]: row[1] for row in db.execute(query.order_by(notices.c.target))}


def made_since(db: Connection, rule: str, since: datetime) -> int:
    """How many tasks of a rule were delivered since then."""
    own = (notices.c.rule == rule) & (notices.c.status == DELIVERED) & (notices.c.settled_at > since)
    return db.execute(select(func.count()).where(own)).scalar_one()


def put_off(db: Connection, notice_id: int, until: datetime, message: str) -> None:
    _set(db, notice_id, next_try_at=until, message=message)


def begin_attempt(db: Connection, row: RowMapping, now: datetime) -> None:
    """Write the attempt before the call: whatever happens now, somebody will ask what became of it."""
    number = row["attempts"] + 1
    db.execute(insert(attempts), {"notice_id": row["id"], "number": number, "sent_at": now})
    _set(db, row["id"], status=SENT, attempts=number, next_try_at=now + _pause(number))


def answer(
    db: Connection, row: RowMapping, became: Became, message: str, now: datetime, wait: float | None = None
) -> str:
    """Keep what became of the attempt that `begin_attempt` began for this row; the notice's status now.

    `wait`: the seconds for which the target asks to be left alone, where it does.
    """
    number, message = row["attempts"] + 1, storable(message)
    own = (attempts.c.notice_id == row["id"]) & (attempts.c.number == number)
    db.execute(update(attempts).where(own).values(answered_at=now, outcome=became, message=message))
    if became == "failed" and number <= len(BACKOFF):
        asked = min(timedelta(seconds=min(wait or 0.0, 1e9)), LONGEST_WAIT)
        _set(db, row["id"], status=WAITING, next_try_at=now + max(_pause(number), asked), message=message)
        return WAITING
    status = DELIVERED if became == "delivered" else DEAD
    _set(db, row["id"], status=status, settled_at=now, message=message)
    return status


def _pause(number: int) -> timedelta:
    scatter = random.uniform(1 - SCATTER, 1 + SCATTER)  # noqa: S311 - jitter, not a secret
    return BACKOFF[min(number, len(BACKOFF)) - 1] * scatter


def replay(db: Connection, now: datetime, ids: Sequence[int] | None = None, target: str | None = None) -> list[int]:
    """Let dead notices wait again, with all their attempts before them: these, those of a target, or all."""
    own = notices.c.status == DEAD
    if target is not None:
        own &= notices.c.target == target
    if ids is not None:
        own &= notices.c.id.in_(ids)
    chosen = list(db.execute(select(notices.c.id, notices.c.attempts).where(own).order_by(notices.c.id)))
    for row in chosen:
        _set(db, row.id, status=WAITING, next_try_at=now, settled_at=None)
    return [row.id for row in chosen]


def _set(db: Connection, notice_id: int, **values: Any) -> None:
    db.execute(update(notices).where(notices.c.id == notice_id).values(**values))
