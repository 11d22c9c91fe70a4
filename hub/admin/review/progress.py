"""How a reviewer gets on: which question of how many, and the last hour's answers with the time that each took."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from sqlalchemy import Connection, bindparam, case, func, select

from hub.admin.review.answers import APART, MERGE, SKIP, answers
from hub.admin.review.claims import Reviewer
from hub.admin.review.known import accuracy
from hub.queries.review_queue import open_among, waiting_among
from hub.store.clock import database_now

HOUR, WEEK = timedelta(hours=1), timedelta(days=7)
MOST_OF_A_WEEK = 10_000
"""So many of the newest answers are looked at for the sums of a week."""
BREAK = timedelta(minutes=5)
"""Longer than this between two answers nobody was deciding."""

MOST = 1_000
MOST_TIMED = 60
LATEST = 10


_NEWEST = (
    select(answers.c.id, answers.c.item, answers.c.answer, answers.c.decision_id, answers.c.at, answers.c.undone_at)
    .where(answers.c.reviewer == bindparam("reviewer"))
    .order_by(answers.c.id.desc())
    .limit(MOST)
    .subquery()
)
_OF_THE_HOUR = _NEWEST.c.at > bindparam("since")
_IS_UNDONE = _NEWEST.c.undone_at.is_not(None)
_SUMS = select(
    func.count(case((~_IS_UNDONE & (_NEWEST.c.answer != SKIP), 1))).label("decided"),
    func.count(case((_IS_UNDONE, 1))).label("undone"),
).where(_OF_THE_HOUR)
_TIMED = select(_NEWEST).where(_OF_THE_HOUR).order_by(_NEWEST.c.id.desc()).limit(MOST_TIMED)
_DONE = select(func.count()).where(
    answers.c.session == bindparam("session"), answers.c.undone_at.is_(None), answers.c.answer != SKIP
)


@dataclass(frozen=True, slots=True)
class Progress:
    """`number` of `total`; in the last hour `decided`, `seconds` for each of the newest, `undone`; known pairs `agreed`
    of `tests`.

    `total` is None where counting would mean to read every record.
    """

    number: int
    total: int | None
    decided: int
    seconds: float | None
    undone: int
    agreed: int
    tests: int


def progress(db: Connection, who: Reviewer, still_open: int | None) -> Progress:
    """`still_open`: how many questions are, if that is known."""
    done = db.execute(_DONE, {"session": who.session}).scalar_one()
    of_the_hour = {"reviewer": who.name, "since": database_now(db) - HOUR}
    sums = db.execute(_SUMS, of_the_hour).one()
    rows = db.execute(_TIMED, of_the_hour).all()
    agreed, tests = accuracy(db, who.name)
    return Progress(
        number=done + 1,
        total=None if still_open is None else done + still_open + _not_worked_in(db, rows[:LATEST]),
        decided=sums.decided,
        seconds=_seconds([row.at for row in rows]),
        undone=sums.undone,
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
    newest = select(answers).order_by(answers.c.id.desc()).limit(MOST_OF_A_WEEK).subquery()
    lately = (newest.c.at > database_now(db) - WEEK) & (newest.c.answer != SKIP)
    undone = newest.c.undone_at.is_not(None)
    query = select(newest.c.answer, undone.label("undone"), func.count()).where(lately)
    rows = db.execute(query.group_by(newest.c.answer, undone)).all()
    stands = {row[0]: row[2] for row in rows if not row[1]}
    merged, kept_apart = stands.pop(MERGE, 0), stands.pop(APART, 0)
    return Week(merged, kept_apart, sum(stands.values()), sum(row[2] for row in rows if row[1]))


def _not_worked_in(db: Connection, latest: Sequence[Any]) -> int:
    """By how much the count of open questions is behind the latest answers: what follows from them is under way."""
    newest = {row.item: row for row in reversed(latest) if row.decision_id is not None and "v" not in row.item}
    undone = {item for item, row in newest.items() if row.undone_at is not None}
    still_open = open_among(db, newest.keys())
    return len(waiting_among(db, undone - still_open)) - len(still_open - undone)


def _seconds(newest_first: list[datetime]) -> float | None:
    """Between one answer and the next, breaks left out."""
    steps = [later - earlier for later, earlier in pairwise(newest_first) if later - earlier <= BREAK]
    return sum(steps, timedelta()).total_seconds() / len(steps) if steps else None
