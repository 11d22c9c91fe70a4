"""Clusters: inside each component of matching pairs, average linkage over all its pairs.

Order-free: rows stand in stable order, weights are integers, and every component is settled by itself.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from itertools import combinations
from math import isqrt

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from dedupe.engine.coding import Mask
from dedupe.engine.judging import Judged, joined
from dedupe.engine.pairs import NONE, Pairs, all_inside, pairs_of
from dedupe.engine.table import Rows
from dedupe.linkage import Between, Pair, Pairing, link_averages

FEW = 100
"""Up to so many pairs are joined one by one."""


@dataclass(frozen=True, slots=True)
class Band:
    """A pair of at least `threshold` matches; a join needs an average of at least `floor`."""

    threshold: int
    floor: int
    strict: bool
    """Whether what is in conflict excludes each other, or only what is in hard conflict."""


@dataclass(slots=True)
class Clusters:
    """`labels`: by row, the first row of its cluster; `components`: by row, the first row of its component.

    `parted`: matching pairs that no cluster brought together; `aside`: rows that match two who exclude each other,
    with those; `cut`: the first rows of the components that were over the limit.
    """

    labels: Rows
    components: Rows
    parted: Pairs = field(default_factory=lambda: NONE)
    aside: dict[int, list[int]] = field(default_factory=dict)
    cut: list[int] = field(default_factory=list)


def components_of(size: int, pairs: Pairs) -> Rows:
    """By row, the first row of the component that it is in."""
    roots = np.arange(size)
    if len(pairs) <= FEW:
        return _joined_one_by_one(roots, pairs)
    ones = np.ones(len(pairs), np.bool_)
    links = coo_array((ones, (pairs.left.astype(np.int32), pairs.right.astype(np.int32))), shape=(size, size))
    count, found = connected_components(links, directed=False)
    firsts = np.empty(count, np.int64)
    firsts[found[::-1]] = roots[::-1]
    first_of: Rows = firsts[found]
    return first_of


def _joined_one_by_one(roots: Rows, pairs: Pairs) -> Rows:
    """The roots of some pairs, in place. A row's root is never after it."""
    above: dict[int, int] = {}
    for pair in zip(pairs.left.tolist(), pairs.right.tolist(), strict=True):
        one, other = sorted(_root(above, row) for row in pair)
        above[other] = one
    for row in above:
        roots[row] = _root(above, row)
    return roots


def _root(above: dict[int, int], row: int) -> int:
    while (higher := above.get(row, row)) != row:
        row = higher
    return row


def cluster(
    size: int, judged: Judged, band: Band, limit: int, margin: int, rejudge: Callable[[Pairs], Judged]
) -> Clusters:
    """Cluster the rows 0…size-1. `rejudge` judges pairs that are no candidates."""
    excluded = judged.conflict if band.strict else judged.hard
    matching = (judged.weights >= band.threshold) & ~excluded
    found = Clusters(np.arange(size), components_of(size, judged.pairs.some(matching)))
    labels = _bounded(size, judged, matching, band, limit, margin, found)
    rows, begins = _runs(labels)
    if not len(rows):
        return found
    inside = _inside(size, rows, begins, judged, rejudge)
    _settle(inside, labels, band, margin, found)
    return found


def _bounded(size: int, judged: Judged, matching: Mask, band: Band, limit: int, margin: int, found: Clusters) -> Rows:
    """Components, those above the limit cut by ever stricter thresholds; never all of one."""
    labels, threshold = found.components, band.threshold
    while len(large := _larger(labels, limit)):
        found.cut = found.cut or large.tolist()
        threshold += margin
        inside = np.isin(labels[judged.pairs.left], large)
        matching &= ~inside | (judged.weights >= threshold)
        labels = components_of(size, judged.pairs.some(matching))
    return labels


def _larger(labels: Rows, limit: int) -> Rows:
    return np.flatnonzero(np.bincount(labels) > limit)


def _runs(labels: Rows) -> tuple[Rows, Rows]:
    """The rows of components of two and more, component by component, and where each begins."""
    counts = np.bincount(labels, minlength=len(labels))
    rows = np.flatnonzero(counts[labels] > 1)
    # The row rides in the low half of what is sorted, which is many times quicker than to find out an order.
    rows = np.sort(labels[rows] << 32 | rows)
    of, rows = rows >> 32, rows & 0xFFFFFFFF
    begins = np.flatnonzero(np.concatenate(([True], of[1:] != of[:-1]))) if len(rows) else rows
    return rows, begins


def _inside(size: int, rows: Rows, begins: Rows, judged: Judged, rejudge: Callable[[Pairs], Judged]) -> Judged:
    """All pairs inside the components: those known already, and the others judged now."""
    codes = np.concatenate([one * size + other for one, other in all_inside(rows, begins)])
    codes.sort()
    known = judged.pairs.codes(size)
    places = np.searchsorted(known, codes)
    places[places == len(known)] = 0
    is_known = known[places] == codes
    if is_known.all():
        return judged.some(places)
    new = rejudge(pairs_of(codes[~is_known], size))
    found = joined([judged.some(places[is_known]), new])
    where = np.empty(len(codes), np.int64)
    where[is_known] = np.arange(is_known.sum())
    where[~is_known] = np.arange(is_known.sum(), len(codes))
    return found.some(where)


def _settle(inside: Judged, labels: Rows, band: Band, margin: int, found: Clusters) -> None:
    """Whole components become clusters where every pair allows it; the others are linked one by one."""
    excluded = inside.conflict if band.strict else inside.hard
    home = labels[inside.pairs.left]
    order = np.argsort(home, kind="stable")
    begins = np.flatnonzero(np.concatenate(([True], home[order][1:] != home[order][:-1])))
    least = np.minimum.reduceat(inside.weights[order], begins)
    clash = np.logical_or.reduceat(excluded[order], begins)
    easy = (least >= band.floor) & ~clash
    of = home[order][begins]
    is_easy = np.zeros(len(labels), np.bool_)
    is_easy[of[easy]] = True
    whole = is_easy[labels]
    found.labels[whole] = labels[whole]
    if easy.all():
        return
    counts = np.diff(np.append(begins, len(order)))[~easy]
    places = order[np.repeat(~easy, np.diff(np.append(begins, len(order))))]
    _Linking(band, margin, found).run(counts.tolist(), inside.some(places), excluded[places])


@cache
def _pairs_of_nodes(size: int) -> list[Pair]:
    return list(combinations(range(size), 2))


class _Linking:
    """Links components one by one; of each, all pairs stand in order."""

    def __init__(self, band: Band, margin: int, found: Clusters) -> None:
        self.band, self.margin, self.found = band, margin, found
        self.parted: list[Pair] = []
        self.homes: dict[int, int] = {}

    def run(self, counts: list[int], judged: Judged, excluded: Mask) -> None:
        """`counts`: how many pairs each component has."""
        left, right = judged.pairs.left.tolist(), judged.pairs.right.tolist()
        weights = judged.weights.tolist()
        matches = ((judged.weights >= self.band.threshold) & ~excluded).tolist()
        apart = excluded.tolist()
        begin = 0
        for count in counts:
            size = (1 + isqrt(1 + 8 * count)) // 2
            rows = [left[begin], *right[begin : begin + size - 1]]
            some = slice(begin, begin + count)
            pairings = zip(weights[some], matches[some], apart[some], strict=True)
            self._link(rows, dict(zip(_pairs_of_nodes(size), pairings, strict=True)))
            begin += count
        self.found.labels[list(self.homes)] = list(self.homes.values())
        if self.parted:
            both = np.array(sorted(self.parted), np.int64)
            self.found.parted = Pairs(both[:, 0], both[:, 1])

    def _link(self, rows: list[int], known: Between) -> None:
        aside = _ambiguous(known, self.margin) if self.band.strict else {}
        if aside:
            for one, rivals in aside.items():
                self.found.aside[rows[one]] = [rows[rival] for rival in rivals]
            known = {pair: _unmatched(pair, value, aside) for pair, value in known.items()}
        linkage = link_averages(len(rows), known, self.band.floor)
        for group in linkage.groups:
            first = rows[group[0]]
            for one in group:
                self.homes[rows[one]] = first
        self.parted += [(rows[a], rows[b]) for a, b in linkage.apart]


def _unmatched(pair: Pair, pairing: Pairing, aside: dict[int, list[int]]) -> Pairing:
    weight, matches, excludes = pairing
    return weight, matches and not aside.keys() & {*pair}, excludes


def _ambiguous(known: Between, margin: int) -> dict[int, list[int]]:
    """Rows that match two people nearly equally well who exclude each other: they belong to neither until told."""
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
