"""How a reviewer gets on: which question of how many, and the last hour's answers with the time that each took."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from sqlalchemy import Connection, func, select

from hub.admin.review.answers import APART, MERGE, SKIP, answers
from hub.admin.review.claims import Reviewer
from hub.admin.review.known import accuracy
from hub.queries.review_queue import Narrowed, count, is_asked, one_question
from hub.store.clock import database_now

HOUR, WEEK = timedelta(hours=1), timedelta(days=7)
BREAK = timedelta(minutes=5)
"""Longer than this between two answers nobody was deciding."""

MOST = 1_000
LATEST = 10


@dataclass(frozen=True, slots=True)
class Progress:
    """`number` of `total`; in the last hour `decided`, `seconds` for each, `undone`; known pairs `agreed` of `tests`.

    `total` is None where counting would mean to read every record.
    """

    number: int
    total: int | None
    decided: int
    seconds: float | None
    undone: int
    agreed: int
    tests: int


def progress(db: Connection, who: Reviewer, of: Narrowed) -> Progress:
    own = (answers.c.session == who.session) & answers.c.undone_at.is_(None) & (answers.c.answer != SKIP)
    done = db.execute(select(func.count()).select_from(answers).where(own)).scalar_one()
    since = database_now(db) - HOUR
    latest = select(answers).where(answers.c.reviewer == who.name).order_by(answers.c.id.desc()).limit(MOST)
    rows = [row for row in db.execute(latest) if row.at > since]
    decided = [row for row in rows if row.undone_at is None and row.answer != SKIP]
    agreed, tests = accuracy(db, who.name)
    return Progress(
        number=done + 1,
        total=None if of.source else done + count(db, of) + _not_worked_in(db, rows[:LATEST]),
        decided=len(decided),
        seconds=_seconds([row.at for row in rows]),
        undone=sum(row.undone_at is not None for row in rows),
        agreed=agreed,
        tests=tests,
    )


@dataclass(frozen=True, slots=True)
class Week:
    """Everybody's answers of the last seven days that stand, and how many were taken back."""

    merged: int
    kept_apart: int
    others: int
    undone: int

    @property
    def decided(self) -> int:
        return self.merged + self.kept_apart + self.others


def week(db: Connection) -> Week:
    lately = (answers.c.at > database_now(db) - WEEK) & (answers.c.answer != SKIP)
    undone = answers.c.undone_at.is_not(None)
    query = select(answers.c.answer, undone.label("undone"), func.count()).where(lately)
    rows = db.execute(query.group_by(answers.c.answer, undone)).all()
    stands = {row[0]: row[2] for row in rows if not row[1]}
    merged, kept_apart = stands.pop(MERGE, 0), stands.pop(APART, 0)
    return Week(merged, kept_apart, sum(stands.values()), sum(row[2] for row in rows if row[1]))


def _not_worked_in(db: Connection, latest: list[Any]) -> int:
    """By how much the count of open questions is behind the latest answers: what follows from them is under way."""
    newest = {row.item: row for row in reversed(latest) if row.decision_id is not None and "v" not in row.item}
    return sum(_is_behind(db, row) for row in newest.values())


def _is_behind(db: Connection, row: Any) -> int:
    left, _, right = row.item.partition("-")
    is_open = one_question(db, int(left), int(right)) is not None
    if row.undone_at is None:
        return -1 if is_open else 0
    return 0 if is_open or not is_asked(db, row.item) else 1


def _seconds(newest_first: list[datetime]) -> float | None:
    """Between one answer and the next, breaks left out."""
    steps = [later - earlier for later, earlier in pairwise(newest_first) if later - earlier <= BREAK]
    return sum(steps, timedelta()).total_seconds() / len(steps) if steps else None
