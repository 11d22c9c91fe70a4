"""The queue beside the screen: a page of open questions, who has them, and where the next page begins."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from hub.admin.review.claims import everybodys
from hub.queries.review_queue import POPULAR_VALUE, Narrowed, Place, some_questions
from hub.stages.land import landed
from hub.store.sql import among

PAGE = 25
AFTER = re.compile(r"([0-3])\.(-?\d{1,9})\.(-?\d{1,19})\.(\d{1,18})")

_SOURCES = select(landed.c.id, landed.c.connection, landed.c.landed_at).where(among(landed.c.id, "ids"))


@dataclass(frozen=True, slots=True)
class Entry:
    """A line: no value of anybody's. `since`: when the newer of its records came."""

    item: str
    kind: str
    weight: float | None
    sources: tuple[str, ...]
    since: datetime | None
    claimed_by: str


@dataclass(frozen=True, slots=True)
class Rail:
    entries: Sequence[Entry]
    after: str
    total: int | None


def rail(db: Connection, of: Narrowed, after: str, total: int | None) -> Rail:
    """`after`: as the page before gave it; the first page for what is no such text. `total`: how many there are."""
    told = AFTER.fullmatch(after)
    place = Place(*map(int, told.groups())) if told and abs(int(told[3])) < 2**63 else None
    asked = some_questions(db, PAGE + 1, of, place)
    shown, held = asked[:PAGE], everybodys(db)
    ids = {one for pair in shown if pair.kind != POPULAR_VALUE for one in (pair.left, pair.right)}
    known = {row.id: row for row in db.execute(_SOURCES, {"ids": ids})}
    entries = [
        Entry(
            item=one.item,
            kind=one.kind,
            weight=None if one.kind == POPULAR_VALUE else one.weight / 1000,
            sources=tuple(known[each].connection for each in (one.left, one.right) if each in known),
            since=max((known[each].landed_at for each in (one.left, one.right) if each in known), default=None),
            claimed_by=held.get(one.item, ""),
        )
        for one in shown
    ]
    following = ".".join(map(str, shown[-1].place)) if len(asked) > PAGE else ""
    return Rail(entries, following, total)
