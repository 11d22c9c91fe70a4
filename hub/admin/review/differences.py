"""Two texts side by side: which characters of each the other has not, so that the eye finds them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

LONGEST = 200
"""Characters of a text that are compared."""

ALIKE_FROM = 0.5
"""Below this share of common characters everything would be underlined, which tells nothing."""


@dataclass(frozen=True, slots=True)
class Part:
    """Some characters in a row, and whether the other side has them not."""

    text: str
    differs: bool = False


Line = tuple[Part, ...]


def side_by_side(left: Sequence[str], right: Sequence[str]) -> tuple[list[Line], list[Line]]:
    """The lines of two sides with their differences; each line is compared with the most alike of the other side."""
    return [_marked(one, right) for one in left], [_marked(one, left) for one in right]


def _marked(text: str, others: Sequence[str]) -> Line:
    if not others or any(_norm(text) == _norm(other) for other in others):
        return (Part(text),)
    best = max(others, key=lambda other: _matcher(text, other).ratio())
    matcher = _matcher(text, best)
    if len(text) > LONGEST or matcher.ratio() < ALIKE_FROM:
        return (Part(text),)
    return tuple(
        Part(text[start:end], differs=tag != "equal") for tag, start, end, _, _ in matcher.get_opcodes() if start < end
    )


def _matcher(text: str, other: str) -> SequenceMatcher[str]:
    """In lower case where that keeps every character in its place."""
    one, another = (each.lower() if len(each.lower()) == len(each) else each for each in (text, other))
    return SequenceMatcher(None, one[:LONGEST], another[:LONGEST], autojunk=False)


def _norm(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip().casefold()
