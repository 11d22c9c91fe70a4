"""Average linkage of components whose pairs do not all agree: of one size, many at once, a few one by one.

Both ways do what `dedupe.linkage` promises, after those were set aside who match two that exclude each other.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dedupe.engine.coding import Mask
from dedupe.engine.pairs import corner
from dedupe.engine.table import Rows
from dedupe.linkage import Between, Pair, Pairing, link_averages

FEW = 8
"""Up to so many components of one size are linked one by one."""

ROOM = 1 << 20
"""Numbers in the squares of the components that are linked at once, so that these stay small."""

NONE = np.iinfo(np.int64).min


@dataclass(frozen=True, slots=True)
class Uneasy:
    """Components of one size. `rows`: a line of rows for each; the others: a line of pairs, in the order of
    `combinations`, with what each pair weighs, whether it matches and whether it excludes."""

    rows: Rows
    weights: NDArray[np.int32]
    matches: Mask
    excluded: Mask

    def some(self, chosen: slice) -> Uneasy:
        return Uneasy(self.rows[chosen], self.weights[chosen], self.matches[chosen], self.excluded[chosen])


@dataclass(frozen=True, slots=True)
class Linked:
    """`rows` and `firsts`: a line for each component, its rows and the first row of the cluster of each; `parted`: the
    matching pairs that no cluster brought together; `aside`: rows that were set aside, with those whom they match."""

    rows: Rows
    firsts: Rows
    parted: list[Pair]
    aside: dict[int, list[int]]


def link(uneasy: Uneasy, floor: int, margin: int) -> list[Linked]:
    """`floor`: the least average of a join. `margin`: how much better than another that excludes it the best match of
    a row must be, or the row is set aside; 0 where nobody is."""
    size = uneasy.rows.shape[1]
    at_once = max(ROOM // size**2, 1)
    chunks = [uneasy.some(slice(at, at + at_once)) for at in range(0, len(uneasy.rows), at_once)]
    return [_way(len(chunk.rows))(chunk, floor, margin) for chunk in chunks]


def _way(count: int) -> Callable[[Uneasy, int, int], Linked]:
    return _one_by_one if count <= FEW else _at_once


def _one_by_one(uneasy: Uneasy, floor: int, margin: int) -> Linked:
    firsts = uneasy.rows.copy()
    parted: list[Pair] = []
    aside: dict[int, list[int]] = {}
    lines = (one.tolist() for one in (uneasy.rows, uneasy.weights, uneasy.matches, uneasy.excluded))
    for number, (rows, *pairings) in enumerate(zip(*lines, strict=True)):
        known: Between = dict(zip(_pairs_of_nodes(len(rows)), zip(*pairings, strict=True), strict=True))
        if alone := _ambiguous(known, margin):
            aside |= {rows[one]: [rows[rival] for rival in rivals] for one, rivals in alone.items()}
            known = {pair: _unmatched(pair, value, alone) for pair, value in known.items()}
        linkage = link_averages(len(rows), known, floor)
        for group in linkage.groups:
            firsts[number, group] = rows[group[0]]
        parted += [(rows[a], rows[b]) for a, b in linkage.apart]
    return Linked(uneasy.rows, firsts, parted, aside)


@cache
def _pairs_of_nodes(size: int) -> list[Pair]:
    return list(combinations(range(size), 2))


def _unmatched(pair: Pair, pairing: Pairing, aside: dict[int, list[int]]) -> Pairing:
    weight, matches, excludes = pairing
    return weight, matches and not aside.keys() & {*pair}, excludes


def _ambiguous(known: Between, margin: int) -> dict[int, list[int]]:
    """Rows that match two people nearly equally well who exclude each other: they belong to neither until told."""
    if not margin:
        return {}
    near: dict[int, list[tuple[int, int]]] = {}
    for (a, b), (weight, matches, _) in known.items():
        if matches:
            near.setdefault(a, []).append((weight, b))
            near.setdefault(b, []).append((weight, a))
    found: dict[int, list[int]] = {}
    for row, matching in sorted(near.items()):
        if len(matching) > 1 and (rivals := _rivals(known, matching, margin)):
            found[row] = rivals
    return found


def _rivals(known: Between, matching: list[tuple[int, int]], margin: int) -> list[int]:
    least = max(matching)[0] - margin
    close = sorted(other for weight, other in matching if weight > least)
    excluding = {one for pair in combinations(close, 2) if known[pair][2] for one in pair}
    return [one for one in close if one in excluding]


def _at_once(uneasy: Uneasy, floor: int, margin: int) -> Linked:
    rows, size = uneasy.rows, uneasy.rows.shape[1]
    total, bars = _square(uneasy.weights.astype(np.int64), size), _square(uneasy.excluded, size)
    links = _square(uneasy.matches, size)
    rivals = _rivals_of(total, links, bars, margin)
    alone: Mask = np.logical_or.reduce(rivals, axis=2)
    links &= ~(alone[:, :, None] | alone[:, None, :])
    left, right = corner(size)
    matches = links[:, left, right]
    homes = _homes(total, links, bars, floor)
    apart = matches & (homes[:, left] != homes[:, right])
    number, pair = np.nonzero(apart)
    parted = list(zip(rows[number, left[pair]].tolist(), rows[number, right[pair]].tolist(), strict=True))
    aside: dict[int, list[int]] = {}
    number, one, other = np.nonzero(rivals)
    for row, rival in zip(rows[number, one].tolist(), rows[number, other].tolist(), strict=True):
        aside.setdefault(row, []).append(rival)
    return Linked(rows, np.take_along_axis(rows, homes, axis=1), parted, aside)


def _square(pairs: NDArray[Any], size: int) -> NDArray[Any]:
    """What is known of each pair as a square for each component, the same on both sides of its diagonal."""
    left, right = corner(size)
    found = np.zeros((len(pairs), size, size), pairs.dtype)
    found[:, left, right] = pairs
    found[:, right, left] = pairs
    return found


def _rivals_of(weights: Rows, links: Mask, bars: Mask, margin: int) -> Mask:
    """As `_ambiguous`: by component, row and other, whether the other is one of those who keep the row aside."""
    best = np.where(links, weights, NONE + margin).max(axis=2)
    close: Mask = links & (weights > best[:, :, None] - margin)
    close &= close @ bars
    return close


def _homes(total: Rows, links: Mask, bars: Mask, floor: int) -> Rows:
    """By component and node, the first node of its group: in each round every component joins its best two groups.

    A group is told of in the line and the column of its first node. What is given is used up.
    """
    count, size = links.shape[:2]
    homes, sizes = np.tile(np.arange(size), (count, 1)), np.ones((count, size), np.int64)
    above = np.triu(np.ones((size, size), np.bool_), 1)
    numbers = np.arange(count)
    while True:
        average = total // (sizes[:, :, None] * sizes[:, None, :])
        may = links & ~bars & above & (average >= floor)
        best = np.where(may, average, NONE).reshape(len(numbers), -1).argmax(axis=1)
        one, other = best // size, best % size
        joins = may[np.arange(len(numbers)), one, other]
        if not joins.any():
            return homes
        if not joins.all():
            numbers, one, other, sizes = numbers[joins], one[joins], other[joins], sizes[joins]
            total, links, bars = total[joins], links[joins], bars[joins]
        _join(total, links, bars, one, other)
        at = np.arange(len(numbers))
        sizes[at, one] += sizes[at, other]
        own = homes[numbers]
        homes[numbers] = np.where(own == other[:, None], one[:, None], own)


def _join(total: Rows, links: Mask, bars: Mask, one: Rows, other: Rows) -> None:
    """In each square, the other becomes part of the one: sums are added, what holds of either holds of both."""
    at = np.arange(len(one))
    square: NDArray[Any]
    for square in (total, links, bars):
        line = square[at, one] + square[at, other]
        square[at, one] = line
        square[at, :, one] = line
    links[at, other] = False
    links[at, :, other] = False
