"""One question as the page shows it: symbols, differences, drawings and words, made of what the queries found."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection

from hub.admin import words
from hub.admin.review import claims
from hub.admin.review.answers import read_item
from hub.admin.review.claims import Reviewer
from hub.admin.review.differences import Line, Part, side_by_side
from hub.admin.review.notes import notes_of
from hub.admin.review.waterfall import Waterfall, waterfall
from hub.queries.how import TELLING
from hub.queries.review_choice import KEYS, LEFT, RIGHT
from hub.queries.review_pair import ALIKE, DIFFERENT, MISSING, SAME, Pair, Row
from hub.settings.settings import Settings

SYMBOLS = {
    SAME: ("=", "the same"),
    ALIKE: ("~", "alike"),
    DIFFERENT: ("≠", "different"),
    MISSING: ("○", "only one side"),
}
LETTERS = ((LEFT, "A"), (RIGHT, "B"))
COUNTED = ("order", "ticket", "message")


@dataclass(frozen=True, slots=True)
class Shown:
    """A question with all that its part of the page needs. `asked` is a Pair or a ValueAsked."""

    item: str
    asked: Any
    ticket: str
    is_held: bool
    notes: Sequence[Any]
    rows: Sequence[dict[str, Any]] = ()
    picture: Waterfall | None = None

    @property
    def is_pair(self) -> bool:
        return isinstance(self.asked, Pair)


def shown_item(db: Connection, settings: Settings, who: Reviewer, item: str, personal: bool) -> Shown:
    """In clear for whoever has the question before them, and for those who may see personal values everywhere.

    Raises NoSuchPair or NoSuchValue.
    """
    is_held = claims.holder_of(db, item) == who.session
    asked = read_item(db, settings, item, masked=not (personal or is_held))
    shown = Shown(item, asked, secrets.token_hex(16), is_held, notes_of(db, item))
    if not isinstance(asked, Pair):
        return shown
    if is_held and claims.expected_of(db, who, item):
        asked = _as_if_open(asked)
    picture = waterfall(asked.prior, asked.weighed, asked.weight)
    return replace(shown, asked=asked, rows=_rows(asked), picture=picture)


def _as_if_open(pair: Pair) -> Pair:
    """A known pair as any other question, so that nobody can tell it by its look."""
    left, right = (replace(side, records=1, contact_id=f"{at}") for at, side in enumerate(pair.sides))
    joined = "Joins 2 records. Consent stays as it is for every address."
    kind = "possible_match"
    return replace(pair, kind=kind, telling=TELLING[kind], news="", sides=(left, right), consequences=joined)


def _rows(pair: Pair) -> list[dict[str, Any]]:
    keys = dict(zip([row.field for row in pair.rows if row.outcomes], KEYS, strict=False))
    return [_row(row, pair.masked) | {"key": keys.get(row.field, "")} for row in pair.rows]


def _row(row: Row, masked: bool) -> dict[str, Any]:
    left, right, result = (words.lines(row.field, list(some)) for some in (row.left, row.right, row.result))
    if masked or row.relation in (SAME, MISSING):
        both: tuple[list[Line], list[Line]] = [(Part(one),) for one in left], [(Part(one),) for one in right]
    else:
        both = side_by_side(left, right)
    symbol, word = SYMBOLS[row.relation]
    return {
        "field": row.field,
        "relation": row.relation,
        "symbol": symbol,
        "word": word,
        "left": both[0],
        "right": both[1],
        "result": result,
        "keeps": "keeps both" if len(result) > max(len(left), len(right)) else "",
        "remark": row.remark,
        "outcomes": [(side, letter, words.lines(row.field, list(row.outcomes[side]))) for side, letter in LETTERS]
        if row.outcomes
        else [],
    }
