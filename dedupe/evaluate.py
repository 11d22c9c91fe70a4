"""Measures against a known truth: of clusters by pairs and by B-cubed, and of the weights of judged pairs.

Law: all that is counted is counted in whole numbers, so that no order of records or pairs can be seen in a figure.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

Counts = NDArray[np.int64]
Edges = NDArray[np.int64]
"""Judged pairs, one a row: left record, right record (places in the truth), weight in thousandths of a bit."""

Labels = Sequence[Hashable] | NDArray[np.int64]
"""One for each record."""

STEP = 500
"""How far apart the thresholds of a curve lie, in thousandths of a bit."""


@dataclass(frozen=True, slots=True)
class Pairs:
    """How many pairs were claimed to be one person, how many truly are, and how many are both.

    Who claims nothing says nothing wrong: precision 1; where nothing is to be found, nothing is missed: recall 1.
    """

    claimed: int
    true: int
    both: int

    @property
    def precision(self) -> float:
        return self.both / self.claimed if self.claimed else 1.0

    @property
    def recall(self) -> float:
        return self.both / self.true if self.true else 1.0

    @property
    def f1(self) -> float:
        return 2 * self.both / (self.claimed + self.true) if self.claimed + self.true else 1.0


@dataclass(frozen=True, slots=True)
class Bcubed:
    """The mean over the records: how pure its cluster is for each, and how much of its person is in there."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        return 2 * self.precision * self.recall / (self.precision + self.recall)


@dataclass(frozen=True, slots=True)
class Figures:
    """A labelling against the truth. The largest cluster has `largest` records of `largest_people` true people."""

    records: int
    people: int
    clusters: int
    pairs: Pairs
    bcubed: Bcubed
    largest: int
    largest_people: int

    def as_json(self) -> dict[str, Any]:
        counted = {"claimed": self.pairs.claimed, "true": self.pairs.true, "both": self.pairs.both}
        return {
            "records": self.records,
            "people": self.people,
            "clusters": self.clusters,
            "pairs": rates(self.pairs) | counted,
            "bcubed": rates(self.bcubed),
            "largest_cluster": {"records": self.largest, "people": self.largest_people},
        }


@dataclass(frozen=True, slots=True)
class Bin:
    """The judged pairs with a weight from here to below the next step: of one person, and of two."""

    weight: int
    same: int
    other: int


@dataclass(frozen=True, slots=True)
class Point:
    """What merging from this weight on would claim, against all true pairs."""

    weight: int
    pairs: Pairs


def rates(found: Pairs | Bcubed) -> dict[str, float]:
    return {"precision": found.precision, "recall": found.recall, "f1": found.f1}


def evaluate(predicted: Labels, truth: Labels) -> Figures:
    """Compare the contact of each record with its person. Raises ValueError: not equally long, or empty."""
    if len(predicted) != len(truth) or not len(truth):
        raise ValueError(f"{len(predicted)} contacts for {len(truth)} labelled records: one for each, and at least one")
    contacts, persons = _numbered(predicted), _numbered(truth)
    contact_sizes, person_sizes = np.bincount(contacts), np.bincount(persons)
    cells, together = np.unique(contacts * len(person_sizes) + persons, return_counts=True)
    contact_of, person_of = cells // len(person_sizes), cells % len(person_sizes)
    largest, largest_people = max(zip(contact_sizes.tolist(), np.bincount(contact_of).tolist(), strict=True))
    return Figures(
        records=len(truth),
        people=len(person_sizes),
        clusters=len(contact_sizes),
        pairs=Pairs(_pairs_within(contact_sizes), _pairs_within(person_sizes), _pairs_within(together)),
        bcubed=Bcubed(
            _sum_of_shares(together, contact_sizes[contact_of]) / len(truth),
            _sum_of_shares(together, person_sizes[person_of]) / len(truth),
        ),
        largest=largest,
        largest_people=largest_people,
    )


def histogram(edges: Edges, truth: Labels) -> list[Bin]:
    """The judged pairs by weight, every step from the lowest to the highest; empty without pairs."""
    if not len(edges):
        return []
    persons = _numbered(truth)
    same = persons[edges[:, 0]] == persons[edges[:, 1]]
    # rounding down keeps "at or above a threshold" exact for every threshold that is a whole step
    steps = edges[:, 2] // STEP
    low, width = int(steps.min()), int(steps.max() - steps.min()) + 1
    true, other = (np.bincount(steps[side] - low, minlength=width).tolist() for side in (same, ~same))
    return [Bin((low + place) * STEP, *both) for place, both in enumerate(zip(true, other, strict=True))]


def curve(edges: Edges, truth: Labels) -> list[Point]:
    """What merging all whom pairs from each threshold on join, also in a chain, would claim; the lowest one first.

    Empty without pairs.
    """
    if not len(edges):
        return []
    persons = _numbered(truth)
    true, width = _pairs_within(np.bincount(persons)), int(persons.max()) + 1
    steps = edges[:, 2] // STEP
    points = []
    for step in range(int(steps.min()), int(steps.max()) + 1):
        left, right = edges[steps >= step, 0], edges[steps >= step, 1]
        links = coo_array((np.ones(len(left), np.bool_), (left, right)), shape=(len(persons), len(persons)))
        contacts = connected_components(links, directed=False)[1].astype(np.int64)
        claimed = _pairs_within(np.bincount(contacts))
        both = _pairs_within(np.unique(contacts * width + persons, return_counts=True)[1])
        points.append(Point(step * STEP, Pairs(claimed, true, both)))
    return points


def best(points: Sequence[Point]) -> Point | None:
    """The point with the highest F1; among equals the strictest. None without points."""
    return max(points, key=lambda point: (point.pairs.f1, point.weight), default=None)


def from_weight(points: Sequence[Point], weight: int) -> Point | None:
    """The first point of a curve at or above this weight; None when every judged pair lies below."""
    return next((point for point in points if point.weight >= weight), None)


def _numbered(labels: Labels) -> Counts:
    """Labels as whole numbers from 0 on."""
    if isinstance(labels, np.ndarray):
        return np.unique(labels, return_inverse=True)[1].astype(np.int64)
    index: dict[Hashable, int] = {}
    return np.fromiter((index.setdefault(label, len(index)) for label in labels), np.int64, len(labels))


def _pairs_within(sizes: Counts) -> int:
    return int((sizes * (sizes - 1) // 2).sum())


def _sum_of_shares(together: Counts, sizes: Counts) -> float:
    """The sum over all records of the share of its group that is with it."""
    squares = np.zeros(int(sizes.max()) + 1, np.int64)
    np.add.at(squares, sizes, together * together)
    return math.fsum(square / size for size, square in enumerate(squares.tolist()) if square)
