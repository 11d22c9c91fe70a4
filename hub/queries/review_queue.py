"""The queue of open questions: its one order, what it can be narrowed to, and its pages, each found by an index.

First what is wrong already or no longer as somebody said, then popular values, then the other pairs; the heavier first.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from itertools import islice
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Integer, bindparam, exists, func, select, true, tuple_

from dedupe.engine.weights import Model
from hub.queries.values import count_open_popular_values
from hub.stages.crowds import popular_keys, said_of_keys
from hub.stages.increment import reviews
from hub.stages.land import landed
from hub.stages.map import marks, people
from hub.store.sql import among, among_pairs

POPULAR_VALUE = "popular_value"

STAGES: tuple[tuple[str, ...], ...] = (
    ("conflict",),
    ("reopened",),
    (POPULAR_VALUE,),
    ("possible_match", "ambiguous", "oversized"),
)
"""The kinds of questions in the order in which they are asked; within a stage by weight."""

KINDS = tuple(kind for stage in STAGES for kind in stage)
BANDS = ("strong", "middle", "weak")
CHUNK = 50


class Place(NamedTuple):
    """Where a question stands in the queue. Of a popular value `left` is its key."""

    stage: int
    weight: int
    left: int
    right: int


@dataclass(frozen=True, slots=True)
class Asked:
    """An open question: a pair of records, `weight` in thousandths of a bit; or a popular value, `left` its key."""

    kind: str
    weight: int
    left: int
    right: int
    news: str = ""

    @property
    def item(self) -> str:
        """Its name in claims, answers and addresses."""
        return f"v{self.left}" if self.kind == POPULAR_VALUE else item_of(self.left, self.right)

    @property
    def place(self) -> Place:
        stage = next(at for at, kinds in enumerate(STAGES) if self.kind in kinds)
        return Place(stage, self.weight, self.left, self.right)


def item_of(left: int, right: int) -> str:
    return f"{left}-{right}"


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What the queue is narrowed to: a kind, the connection of one of the records, weights from and below."""

    kind: str = ""
    source: str = ""
    least: int | None = None
    below: int | None = None

    @property
    def is_of_pairs(self) -> bool:
        return bool(self.source) or self.least is not None or self.below is not None

    def kinds(self, stage: int) -> list[str]:
        asked = [kind for kind in STAGES[stage] if self.kind in ("", kind)]
        return [kind for kind in asked if kind != POPULAR_VALUE or not self.is_of_pairs]


EVERYTHING = Narrowed()


def band(model: Model, name: str) -> tuple[int | None, int | None]:
    """The weights of a band, from and below: thirds of the weights at which a person is asked; others none."""
    third = (model.automatic - model.likely) // 3
    high, low = model.automatic - third, model.likely + third
    return {"strong": (high, None), "middle": (low, high), "weak": (None, low)}.get(name, (None, None))


def questions(db: Connection, of: Narrowed = EVERYTHING, after: Place | None = None) -> Iterator[Asked]:
    """The open questions in their order, read some at a time. Left out: pairs that wait to be judged anew."""
    few = _few_of(db, of.source) if of.source else None
    for stage in range(after.stage if after else 0, len(STAGES)):
        start = after if after and after.stage == stage else None
        kinds = of.kinds(stage)
        if kinds == [POPULAR_VALUE]:
            yield from _values(db, start)
        else:
            yield from heapq.merge(*(_pairs(db, kind, of, start, few) for kind in kinds), key=_loudest_first)


def some_questions(db: Connection, limit: int, of: Narrowed = EVERYTHING, after: Place | None = None) -> list[Asked]:
    return list(islice(questions(db, of, after), limit))


def _loudest_first(one: Asked) -> tuple[int, int, int]:
    return -one.weight, -one.left, -one.right


_IS_OF_PAIR = people.c.record_id.in_((reviews.c.left_id, reviews.c.right_id))
_PLACE = (reviews.c.weight, reviews.c.left_id, reviews.c.right_id)
_BEFORE = tuple_(*_PLACE) < tuple_(*(bindparam(name, type_=Integer) for name in ("weight", "left", "right")))


FEW = 1_000
"""Records of a connection that are looked for among the questions, and not each question's records among theirs."""


def _few_of(db: Connection, source: str) -> Sequence[int] | None:
    """The records of a small connection; None for a large one, whose questions are met soon enough."""
    own = select(landed.c.id).where(landed.c.connection == source).limit(FEW + 1)
    found = db.execute(own).scalars().all()
    return found if len(found) <= FEW else None


def _pairs(
    db: Connection, kind: str, of: Narrowed, after: Place | None, few: Sequence[int] | None = None
) -> Iterator[Asked]:
    query = select(reviews).where(reviews.c.kind == kind, *_within(of))
    if few is not None:
        query = query.where(among(reviews.c.left_id, "few") | among(reviews.c.right_id, "few"))
    elif of.source:
        query = query.where(exists().where(_IS_OF_PAIR, people.c.connection == of.source))
    query = query.order_by(*(column.desc() for column in _PLACE)).limit(CHUNK)
    while True:
        start: dict[str, Any] = {} if few is None else {"few": few}
        if after is not None:
            start |= {"weight": after.weight, "left": after.left, "right": after.right}
        rows = db.execute(query.where(_BEFORE) if after else query, start).all()
        busy = _waiting(db, rows)
        for row in rows:
            if busy.isdisjoint((row.left_id, row.right_id)):
                yield Asked(row.kind, row.weight, row.left_id, row.right_id, row.news)
        if len(rows) < CHUNK:
            return
        last = rows[-1]
        after = Place(0, last.weight, last.left_id, last.right_id)


def _within(of: Narrowed) -> Iterator[ColumnElement[bool]]:
    if of.least is not None:
        yield reviews.c.weight >= of.least
    if of.below is not None:
        yield reviews.c.weight < of.below


_MARKED = (
    select(landed.c.id)
    .join(
        marks,
        (marks.c.connection == landed.c.connection)
        & (marks.c.stream == landed.c.stream)
        & (marks.c.external_id == landed.c.external_id),
    )
    .where(among(landed.c.id, "ids"))
)
_ANY_MARK = select(marks.c.mark).order_by(*marks.primary_key.columns).limit(1)  # gone rows still fill the table


def _waiting(db: Connection, rows: Sequence[Any]) -> set[int]:
    """Those of these pairs' records that have changed, or were decided about, and are to be judged anew."""
    if not rows or db.execute(_ANY_MARK).first() is None:
        return set()
    return set(db.execute(_MARKED, {"ids": {one for row in rows for one in (row.left_id, row.right_id)}}).scalars())


_POPULAR = select(popular_keys.c.key).where(popular_keys.c.key == bindparam("key"), popular_keys.c.is_value == true())
_OPEN_VALUES = select(popular_keys.c.key).where(popular_keys.c.is_value == true(), ~among(popular_keys.c.key, "said"))


def _values(db: Connection, after: Place | None) -> Iterator[Asked]:
    said = {"said": said_of_keys(db).keys()}
    query = _OPEN_VALUES.order_by(popular_keys.c.key).limit(CHUNK)
    start = after.left if after else None
    while True:
        keys = db.execute(query if start is None else query.where(popular_keys.c.key > start), said).scalars().all()
        yield from (Asked(POPULAR_VALUE, 0, key, 0) for key in keys)
        if len(keys) < CHUNK:
            return
        start = keys[-1]


def count(db: Connection, of: Narrowed = EVERYTHING, most: int | None = None) -> int:
    """How many questions are open, without asking which connection their records are of; pairs up to `most`."""
    kinds = [kind for stage in range(len(STAGES)) for kind in of.kinds(stage)]
    found = 0
    if pairs := [kind for kind in kinds if kind != POPULAR_VALUE]:
        within = _within(of)
        query = select(reviews.c.right_id).limit(most)
        if len(pairs) < len(KINDS) - 1 or of.is_of_pairs:
            query = query.where(reviews.c.kind.in_(pairs), *within)
        found = db.execute(select(func.count()).select_from(query.subquery())).scalar_one()
    return found + (count_open_popular_values(db) if POPULAR_VALUE in kinds else 0)


_ONE = select(reviews).where(reviews.c.left_id == bindparam("left"), reviews.c.right_id == bindparam("right"))


def one_question(db: Connection, left: int, right: int) -> Asked | None:
    """The open question about a pair of records; None where there is none."""
    row = db.execute(_ONE, {"left": left, "right": right}).first()
    return Asked(row.kind, row.weight, row.left_id, row.right_id, row.news) if row else None


_OPEN = select(reviews.c.left_id, reviews.c.right_id).where(among_pairs(reviews.c.left_id, reviews.c.right_id, "pairs"))


def open_among(db: Connection, items: Set[str]) -> set[str]:
    """Which of these questions about pairs are open now."""
    rows = db.execute(_OPEN, {"pairs": list(map(pair_in, items))}) if items else ()
    return {item_of(left, right) for left, right in rows}


def waiting_among(db: Connection, items: Set[str]) -> set[str]:
    """Which of these questions about pairs wait to be judged anew."""
    pairs = {item: pair_in(item) for item in items}
    marked = set(
        db.execute(_MARKED, {"ids": {one for pair in pairs.values() for one in pair}}).scalars() if pairs else ()
    )
    return {item for item, pair in pairs.items() if not marked.isdisjoint(pair)}


def pair_in(item: str) -> tuple[int, int]:
    """The two records of a question about a pair, by its name."""
    left, _, right = item.partition("-")
    return int(left), int(right)


def is_open(db: Connection, item: str) -> bool:
    """Whether this is a question now."""
    if item.startswith("v"):
        key = int(item[1:])
        return key not in said_of_keys(db) and db.execute(_POPULAR, {"key": key}).first() is not None
    return one_question(db, *pair_in(item)) is not None


def is_within(db: Connection, item: str, of: Narrowed) -> bool:
    """Whether this is one of the questions that the queue is narrowed to."""
    if item.startswith("v"):
        return of.kind in ("", POPULAR_VALUE) and not of.is_of_pairs
    asked = one_question(db, *pair_in(item))
    if asked is None or of.kind not in ("", asked.kind):
        return False
    if not (of.least is None or asked.weight >= of.least) or not (of.below is None or asked.weight < of.below):
        return False
    own = select(landed.c.connection).where(landed.c.id.in_((asked.left, asked.right)))
    return not of.source or of.source in db.execute(own).scalars().all()


def is_asked(db: Connection, item: str) -> bool:
    """Whether a question is open, or waits to be judged anew and may be."""
    if item.startswith("v") or is_open(db, item):
        return is_open(db, item)
    return bool(waiting_among(db, {item}))
