"""Clusters scored edges at every threshold of a grid and measures each partition against the truth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.people.exact import components as connected
from benchmarks.people.table import Whole
from dedupe.evaluate import evaluate


@dataclass(frozen=True)
class Edges:
    """Pairs of rows and their scores; row numbers count from 0."""

    left: Whole
    right: Whole
    weight: NDArray[np.float64]


@dataclass(frozen=True)
class Score:
    """How a partition compares with the truth; `largest` is the size of its largest cluster."""

    threshold: float
    precision: float
    recall: float
    f1: float
    bcubed_f1: float
    largest: int


def components(edges: Edges, records: int, threshold: float) -> Whole:
    """The cluster of each of `records` rows when every edge of at least `threshold` joins, numbered from 0."""
    kept = edges.weight >= threshold
    return connected(records, edges.left[kept], edges.right[kept])


def score(threshold: float, truth: Whole, clusters: Whole) -> Score:
    """How the partition made at `threshold` fits the truth."""
    fit = evaluate(clusters, truth)
    return Score(threshold, fit.pairs.precision, fit.pairs.recall, fit.pairs.f1, fit.bcubed.f1, fit.largest)


def scores(edges: Edges, truth: Whole, thresholds: Sequence[float]) -> list[Score]:
    """One score for each threshold."""
    return [score(at, truth, components(edges, len(truth), at)) for at in thresholds]


def best(found: Sequence[Score]) -> Score:
    """The highest pair F1; the higher threshold where two are equal."""
    return max(found, key=lambda one: (one.f1, one.threshold))
