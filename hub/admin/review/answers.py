"""Answers to questions: written down once with the decision that they are, and taken back one after the other.

Law: an answer counts only for what its reviewer was shown; when that has moved since, nothing is decided.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, insert, select, update

from hub.admin.review import claims
from hub.admin.review.choosing import chosen_of
from hub.admin.review.claims import Reviewer
from hub.decide import CannotDecide, apart, confirm, merge, say_of_value, split, undo
from hub.queries.review_pair import NoSuchPair, Pair, Standing, pair_of_records, standing_of
from hub.queries.review_queue import is_asked
from hub.queries.review_value import NoSuchValue, ValueAsked, value_asked
from hub.settings.settings import Settings
from hub.stages.crowds import GOOD, SHARED
from hub.store.clock import database_now
from hub.store.operating.review import ReviewAnswer
from hub.store.sql import table

answers = table(ReviewAnswer)

MERGE, APART, SKIP = "merge", "apart", "skip"
SORTED = "sorted"
ANSWERS = (MERGE, APART, SKIP, GOOD, SHARED)

DECIDED, STALE, TAKEN, GONE, REFUSED = "decided", "stale", "taken", "gone", "refused"

LONGEST_REASON = 500


@dataclass(frozen=True, slots=True)
class Given:
    """An answer as it was sent. `ticket`: the asker's own, the same when it is sent again. `shown`: what they saw.

    `choices`: by field the side whose value is to win when the two are merged.
    """

    item: str
    answer: str
    ticket: str
    shown: str
    reason: str = ""
    choices: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an answer, in one word and in one sentence; `decision` is its number where it is one."""

    word: str
    told: str
    decision: int | None = None


@dataclass(frozen=True, slots=True)
class TakenBack:
    """An answer that is undone: what it was about, and what it said."""

    item: str
    answer: str
    decision: int | None


def answer(db: Connection, settings: Settings, who: Reviewer, given: Given) -> Outcome:
    """Write an answer down, in one transaction with what it decides."""
    if given.answer not in ANSWERS:
        return Outcome(REFUSED, "This is no answer to this question.")
    if before := sent_before(db, given.ticket):
        return before
    holder = claims.holder_of(db, given.item)
    if holder not in (None, who.session):
        return Outcome(TAKEN, "Somebody else has this question before them now. Nothing was decided.")
    if given.answer == SKIP:
        claims.put_off(db, who, given.item)
        keep_answer(db, who, given, {})
        return Outcome(DECIDED, "Put off: it comes again later.")
    try:
        asked = _standing(db, settings, given.item)
    except (NoSuchPair, NoSuchValue) as gone:
        claims.let_go(db, given.item)
        return Outcome(GONE, f"Nothing was decided: {gone}.")
    if not claims.expected_of(db, who, given.item) and not is_asked(db, given.item):
        claims.let_go(db, given.item)
        return Outcome(GONE, "It was answered meanwhile. Nothing was decided.")
    if asked.shown != given.shown:
        return Outcome(STALE, "It has changed since you opened it. Nothing was decided: look again.")
    return _decide(db, who, given, asked)


def read_item(db: Connection, settings: Settings, item: str, masked: bool) -> Pair | ValueAsked:
    """A question as it is now. Raises NoSuchPair or NoSuchValue."""
    if item.startswith("v"):
        return value_asked(db, int(item[1:]), masked)
    left, _, right = item.partition("-")
    return pair_of_records(db, settings, int(left), int(right), masked)


def _standing(db: Connection, settings: Settings, item: str) -> Standing | ValueAsked:
    """What an answer is judged by. Raises NoSuchPair or NoSuchValue."""
    if item.startswith("v"):
        return value_asked(db, int(item[1:]), masked=True)
    left, _, right = item.partition("-")
    return standing_of(db, settings, int(left), int(right))


def sent_before(db: Connection, ticket: str) -> Outcome | None:
    """What became of an answer that was sent already; None for one that is new."""
    row = db.execute(select(answers).where(answers.c.ticket == ticket)).first()
    return Outcome(DECIDED, _told(row.answer, row.decision_id), row.decision_id) if row else None


def _decide(db: Connection, who: Reviewer, given: Given, asked: Standing | ValueAsked) -> Outcome:
    pattern = asked.pattern if isinstance(asked, Standing) else ""
    if expected := claims.expected_of(db, who, given.item):
        claims.let_go(db, given.item)
        keep_answer(db, who, given, {"pattern": pattern, "expected": expected})
        return Outcome(DECIDED, _told_test(given.answer, expected))
    try:
        number = _make(db, who.name, given, asked)
    except CannotDecide as error:
        return Outcome(REFUSED, f"Nothing was decided: {error}.")
    claims.let_go(db, given.item)
    claims.take_back(db, who, given.item)
    keep_answer(db, who, given, {"pattern": pattern, "decision_id": number})
    return Outcome(DECIDED, _told(given.answer, number), number)


def _make(db: Connection, author: str, given: Given, asked: Standing | ValueAsked) -> int:
    """The decision that an answer is; its number. Raises CannotDecide."""
    reason = given.reason.strip()[:LONGEST_REASON]
    if isinstance(asked, ValueAsked):
        if given.answer not in (GOOD, SHARED):
            raise CannotDecide("a value is shared or good")
        return say_of_value(db, asked.kind, asked.key_text, given.answer, author, reason)
    if given.answer not in (MERGE, APART):
        raise CannotDecide("two records are one person or two")
    (left, right), (left_record, right_record) = asked.contacts, asked.records
    if given.answer == APART:
        if left == right:
            return split(db, [right_record], author, reason)
        return apart(db, left, right, author, reason)
    chosen = chosen_of(db, left_record, right_record, given.choices)
    if left == right:
        return confirm(db, left_record, right_record, author, reason, chosen)
    return merge(db, left, right, author, reason, chosen)


def keep_answer(db: Connection, who: Reviewer, given: Given, more: Mapping[str, Any]) -> None:
    """Write down that this was answered; `more` are other columns."""
    row: dict[str, Any] = {
        "session": who.session,
        "reviewer": who.name,
        "item": given.item,
        "answer": given.answer,
        "ticket": given.ticket,
        "pattern": "",
        "expected": "",
        "batch": "",
        "decision_id": None,
        "at": database_now(db),
    }
    db.execute(insert(answers), row | dict(more))


_WORDS = {
    MERGE: "One person",
    APART: "Two people",
    GOOD: "A good value",
    SHARED: "A shared value",
    SKIP: "Put off",
    SORTED: "Sorted",
}


def _told(given: str, number: int | None) -> str:
    return _WORDS[given] + (f": decision {number}." if number is not None else ".")


def _told_test(given: str, expected: str) -> str:
    if given == expected:
        return "That was a known pair, and you answered as it is known."
    return f"That was a known pair, and others said: {_WORDS[expected].lower()}. Nothing was changed."


def undo_last(db: Connection, who: Reviewer) -> list[TakenBack]:
    """Take back the newest answer of this session that stands; a batch wholly. Nothing where none is left."""
    own = (answers.c.session == who.session) & answers.c.undone_at.is_(None)
    last = db.execute(select(answers).where(own).order_by(answers.c.id.desc()).limit(1)).first()
    if last is None:
        return []
    together = (answers.c.batch == last.batch) & own if last.batch else answers.c.id == last.id
    rows = db.execute(select(answers).where(together).order_by(answers.c.id.desc())).all()
    return [_take_back(db, who, row) for row in rows]


def undo_number(db: Connection, who: Reviewer, number: int) -> TakenBack | None:
    """Take any decision back by its number; None where nobody answered a question with it. Raises CannotDecide."""
    row = db.execute(select(answers).where(answers.c.decision_id == number)).first()
    undo(db, number, who.name)
    if row is None:
        return None
    _mark_undone(db, [row])
    return TakenBack(row.item, row.answer, number)


def _take_back(db: Connection, who: Reviewer, row: Any) -> TakenBack:
    if row.decision_id is not None:
        with suppress(CannotDecide):  # it was undone by its number before: what is left is to show it again
            undo(db, row.decision_id, who.name)
    _mark_undone(db, [row])
    if row.answer == SKIP:
        claims.take_back(db, who, row.item)
    claims.claim(db, who, row.item, row.expected)
    return TakenBack(row.item, row.answer, row.decision_id)


def _mark_undone(db: Connection, rows: Sequence[Any]) -> None:
    ids = [row.id for row in rows]
    db.execute(update(answers).where(answers.c.id.in_(ids)).values(undone_at=database_now(db)))
