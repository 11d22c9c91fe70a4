"""From pairs of rows to pairs of the values they hold, each distinct one judged once, and back to the best of them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from dedupe.engine.coding import Ids, Rows, Sets, where_true
from dedupe.engine.pairs import Pairs

Level = NDArray[np.uint8]


def distinct(left: Ids, right: Ids) -> tuple[Rows, Rows, Rows]:
    """The distinct pairs of numbers, the smaller first, and for each of the given ones its place among them."""
    codes = np.minimum(left, right).astype(np.int64) << 32 | np.maximum(left, right)
    codes, places = np.unique(codes, return_inverse=True)
    return codes >> 32, codes & 0xFFFFFFFF, places


def by_value(left: Ids, right: Ids, judge: Callable[[int, int], int]) -> Level:
    """Judge each distinct pair of numbers once; the judgement must not care which of the two is left."""
    if not len(left):
        return np.zeros(0, np.uint8)
    one, other, places = distinct(left, right)
    return np.fromiter(map(judge, one.tolist(), other.tolist()), np.uint8, len(one))[places]


def spread(sets: Sets, pairs: Pairs) -> tuple[Rows, Ids, Ids]:
    """Each value of the left row against each of the right: (place of the pair, left value, right value).

    The lines of one pair stand together.
    """
    counts = sets.counts
    of_right = counts[pairs.right]
    many = counts[pairs.left] * of_right
    place = where_true(many)
    lefts, rights = sets.starts[pairs.left[place]], sets.starts[pairs.right[place]]
    several = many[place]
    if len(place) and several.max() > 1:
        line, within = spread_out(several)
        width = of_right[place][line]
        place, lefts, rights = place[line], lefts[line] + within // width, rights[line] + within % width
    return place, sets.items[lefts], sets.items[rights]


def spread_out(many: Rows | Ids) -> tuple[Rows, Rows]:
    """So many lines for each place: (place of the line, its number there from 0 on)."""
    place = np.arange(len(many)).repeat(many)
    return place, np.arange(len(place)) - (many.cumsum() - many).repeat(many)


def best(place: Rows, found: Level, count: int) -> Level:
    """The best level of each pair; 0 where nothing was compared."""
    result = np.zeros(count, np.uint8)
    if len(place):
        begins = where_true(np.concatenate(([True], place[1:] != place[:-1])))
        # Less one, so that nothing compared (0) comes behind every level.
        lowest = np.minimum.reduceat(found - np.uint8(1), begins)
        result[place[begins]] = lowest + np.uint8(1)
    return result
