"""Clusters: inside each component of matching pairs, average linkage over all its pairs.

Order-free: rows stand in stable order, weights are integers, and every component is settled by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np

from dedupe.engine.coding import Ids, Mask, where_true
from dedupe.engine.judging import Judged
from dedupe.engine.linking import Uneasy, link
from dedupe.engine.pairs import NONE, Pairs, corner, pairs_of
from dedupe.engine.table import Rows
from dedupe.engine.weights import Weight
from dedupe.linkage import Pair


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
    roots: Rows = np.arange(size)
    one, other = pairs.left, pairs.right
    while len(one):
        first, second = np.minimum(one, other), np.maximum(one, other)
        np.minimum.at(roots, second, first)  # a row's root is never after it
        while not np.array_equal(above := roots[roots], roots):
            roots = above
        one, other = roots[first], roots[second]
        apart = one != other
        one, other = one[apart], other[apart]
    return roots


def cluster(
    size: int, judged: Judged, band: Band, limit: int, margin: int, rejudge: Callable[[Pairs], Judged]
) -> Clusters:
    """Cluster the rows 0…size-1. `rejudge` judges pairs that are no candidates."""
    matching = (judged.weights >= band.threshold) & ~_excluded(judged, band)
    found = Clusters(np.arange(size), components_of(size, judged.pairs.some(matching)))
    labels = _bounded(size, judged, matching, band, limit, margin, found)
    components = list(_by_size(labels))
    if components:
        _settle(components, _inside(components, size, judged, band, rejudge), band, margin, found)
    return found


def _excluded(judged: Judged, band: Band) -> Mask:
    return judged.conflict if band.strict else judged.hard


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
    return where_true(np.bincount(labels) > limit)


def _by_size(labels: Rows) -> Iterator[Rows]:
    """The components of two and more: of each size a line of rows for each, ascending."""
    counts = np.bincount(labels, minlength=len(labels))
    rows = where_true(counts[labels] > 1)
    # The row rides in the low half of what is sorted, which is many times quicker than to find out an order.
    rows = np.sort(labels[rows] << 32 | rows) & 0xFFFFFFFF
    sizes = counts[labels[rows]]
    for size in where_true(np.bincount(sizes)).tolist():
        yield rows[sizes == size].reshape(-1, size)


@dataclass(frozen=True, slots=True)
class _Inside:
    """What is known of the pairs inside components. `places`: for each size, a line for each of its components."""

    places: list[Ids]
    weights: Weight
    excluded: Mask


def _inside(
    components: list[Rows], size: int, judged: Judged, band: Band, rejudge: Callable[[Pairs], Judged]
) -> _Inside:
    """All pairs inside the components: those known already, and behind them the others, judged now."""
    places, missing = _places(components, size, judged.pairs.codes(size))
    weights, excluded = judged.weights, _excluded(judged, band)
    if missing:
        codes = np.concatenate(missing)
        new = rejudge(pairs_of(codes, size))
        ranks = len(judged.pairs) + np.searchsorted(new.pairs.codes(size), codes)
        for some in places:
            gaps = some < 0
            count = np.count_nonzero(gaps)
            some[gaps], ranks = ranks[:count], ranks[count:]
        weights = np.concatenate((weights, new.weights))
        excluded = np.concatenate((excluded, _excluded(new, band)))
    return _Inside(places, weights, excluded)


def _places(components: list[Rows], size: int, known: Rows) -> tuple[list[Ids], list[Rows]]:
    """Where the pairs inside the components stand among those known, -1 for the others; and the codes of these."""
    missing: list[Rows] = []
    return [_places_among(known, _codes_inside(rows, size), missing) for rows in components], missing


def _codes_inside(rows: Rows, size: int) -> Rows:
    """By component, the codes of all pairs of its rows, in order."""
    left, right = corner(rows.shape[1])
    codes: Rows = rows[:, left] * size
    codes += rows[:, right]
    return codes


def _places_among(known: Rows, codes: Rows, missing: list[Rows]) -> Ids:
    """The same for some codes; the others are added to what is missing."""
    places = np.searchsorted(known, codes)
    places[places == len(known)] = 0
    is_missing = known[places] != codes
    if is_missing.any():
        missing.append(codes[is_missing])
        places[is_missing] = -1
    return places.astype(np.int32)


def _settle(components: list[Rows], inside: _Inside, band: Band, margin: int, found: Clusters) -> None:
    """Whole components become clusters where every pair allows it; in the others some pairs are parted."""
    parted: list[Pair] = []
    aside: dict[int, list[int]] = {}
    for rows, places in zip(components, inside.places, strict=True):
        weights, excluded = inside.weights[places], inside.excluded[places]
        easy = (weights.min(axis=1) >= band.floor) & ~excluded.any(axis=1)
        found.labels[rows[easy]] = rows[easy, :1]
        if easy.all():
            continue
        rest = ~easy
        weights, excluded = weights[rest], excluded[rest]
        uneasy = Uneasy(rows[rest], weights, (weights >= band.threshold) & ~excluded, excluded)
        for linked in link(uneasy, band.floor, margin if band.strict else 0):
            found.labels[linked.rows] = linked.firsts
            parted += linked.parted
            aside |= linked.aside
    found.aside = dict(sorted(aside.items()))
    if parted:
        both = np.array(sorted(parted), np.int64)
        found.parted = Pairs(both[:, 0], both[:, 1])
