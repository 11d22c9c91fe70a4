"""Clusters: inside each component of matching pairs, average linkage over all its pairs.

Order-free: rows stand in stable order, weights are integers, and every component is settled by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from dedupe.engine.coding import Mask
from dedupe.engine.judging import Judged, joined
from dedupe.engine.pairs import NONE, Pairs, all_inside, pairs_of
from dedupe.engine.table import Rows
from dedupe.linkage import Pairing, link_averages


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
    if not len(pairs):
        return np.arange(size)
    links = coo_array((np.ones(len(pairs), np.bool_), (pairs.left, pairs.right)), shape=(size, size))
    _, found = connected_components(links, directed=False)
    firsts = np.full(found.max() + 1, size, np.int64)
    np.minimum.at(firsts, found, np.arange(size))
    roots: Rows = firsts[found]
    return roots


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
    firsts, counts = np.unique(labels, return_counts=True)
    return firsts[counts > limit]


def _runs(labels: Rows) -> tuple[Rows, Rows]:
    """The rows of components of two and more, component by component, and where each begins."""
    counts = np.bincount(labels, minlength=len(labels))
    rows = np.flatnonzero(counts[labels] > 1)
    rows = rows[np.argsort(labels[rows], kind="stable")]
    of = labels[rows]
    begins = np.flatnonzero(np.concatenate(([True], of[1:] != of[:-1]))) if len(rows) else rows
    return rows, begins


def _inside(size: int, rows: Rows, begins: Rows, judged: Judged, rejudge: Callable[[Pairs], Judged]) -> Judged:
    """All pairs inside the components: those known already, and the others judged now."""
    codes = np.concatenate([one * size + other for one, other in all_inside(rows, begins)])
    pairs = pairs_of(codes, size)
    codes, known = pairs.codes(size), judged.pairs.codes(size)
    places = np.searchsorted(known, codes)
    places[places == len(known)] = 0
    is_known = known[places] == codes
    new = rejudge(pairs.some(~is_known))
    order = np.argsort(np.concatenate((codes[is_known], codes[~is_known])), kind="stable")
    return joined([judged.some(places[is_known]), new]).some(order)


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
    ends = np.concatenate((begins[1:], [len(order)]))
    parted: list[tuple[int, int]] = []
    for begin, end in zip(begins[~easy].tolist(), ends[~easy].tolist(), strict=True):
        parted += _link(inside, excluded, order[begin:end], band, margin, found)
    if parted:
        both = np.array(sorted(parted), np.int64)
        found.parted = Pairs(both[:, 0], both[:, 1])


def _link(
    inside: Judged, excluded: Mask, places: Rows, band: Band, margin: int, found: Clusters
) -> Iterator[tuple[int, int]]:
    left, right = inside.pairs.left[places].tolist(), inside.pairs.right[places].tolist()
    weights, apart = inside.weights[places].tolist(), excluded[places].tolist()
    rows = sorted({*left, *right})
    at = {row: place for place, row in enumerate(rows)}
    known = {
        (at[a], at[b]): Pairing(weight, weight >= band.threshold and not no, no)
        for a, b, weight, no in zip(left, right, weights, apart, strict=True)
    }
    aside = _ambiguous(known, margin) if band.strict else {}
    for one, rivals in aside.items():
        found.aside[rows[one]] = [rows[rival] for rival in rivals]
    known = {pair: _unmatched(value) if {*pair} & aside.keys() else value for pair, value in known.items()}
    linkage = link_averages(len(rows), lambda a, b: known[a, b], band.floor)
    for group in linkage.groups:
        members = [rows[one] for one in group]
        found.labels[members] = members[0]
    return ((rows[a], rows[b]) for a, b in linkage.apart)


def _unmatched(pairing: Pairing) -> Pairing:
    return Pairing(pairing.weight, False, pairing.excludes)


def _ambiguous(known: dict[tuple[int, int], Pairing], margin: int) -> dict[int, list[int]]:
    """Rows that match two people nearly equally well who exclude each other: they belong to neither until told."""
    near: dict[int, list[tuple[int, int]]] = {}
    for (a, b), pairing in known.items():
        if pairing.matches:
            near.setdefault(a, []).append((pairing.weight, b))
            near.setdefault(b, []).append((pairing.weight, a))
    found: dict[int, list[int]] = {}
    for row, matches in sorted(near.items()):
        best = max(weight for weight, _ in matches)
        close = sorted(other for weight, other in matches if weight > best - margin)
        rivals = [one for one in close if any(_exclude(known, one, other) for other in close if other != one)]
        if rivals:
            found[row] = rivals
    return found


def _exclude(known: dict[tuple[int, int], Pairing], one: int, other: int) -> bool:
    return known[min(one, other), max(one, other)].excludes
