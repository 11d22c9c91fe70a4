"""How well clusters fit the truth: pairs, B-cubed, the largest cluster. Counted in whole numbers, then divided."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from benchmarks.people.table import Whole


@dataclass(frozen=True, slots=True)
class Score:
    """How often what is found is right (precision), what is right is found (recall), and their harmonic mean."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


@dataclass(frozen=True, slots=True)
class Fit:
    """`pairs` counts pairs of records, `bcubed` averages over records; each hides what the other and `largest` show."""

    pairs: Score
    bcubed: Score
    clusters: int
    largest: int
    true_pairs: int


def measure(labels: Whole, truth: Whole) -> Fit:
    """`labels` and `truth` number the cluster and the person of each record; ValueError if not equally long or empty.

    Where there is no pair to find or none was found, that share counts as 1.
    """
    if len(labels) != len(truth) or not len(labels):
        raise ValueError(f"{len(labels)} labels for {len(truth)} records")
    found, found_sizes = _sizes(labels)
    true, true_sizes = _sizes(truth)
    cells, cell_sizes = np.unique(found * len(true_sizes) + true, return_counts=True)
    of_found, of_true = found_sizes[cells // len(true_sizes)], true_sizes[cells % len(true_sizes)]
    right = _pairs(cell_sizes)
    return Fit(
        pairs=Score(_share(right, _pairs(found_sizes)), _share(right, _pairs(true_sizes))),
        bcubed=Score(_mean(cell_sizes, of_found, len(labels)), _mean(cell_sizes, of_true, len(labels))),
        clusters=len(found_sizes),
        largest=int(found_sizes.max()),
        true_pairs=_pairs(true_sizes),
    )


def _sizes(labels: Whole) -> tuple[Whole, Whole]:
    _, dense, sizes = np.unique(labels, return_inverse=True, return_counts=True)
    return dense, sizes


def _pairs(sizes: Whole) -> int:
    return int((sizes * (sizes - 1) // 2).sum())


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 1.0


def _mean(cells: Whole, clusters: Whole, records: int) -> float:
    """The mean over records of (records of the cell) / (records of the cluster), exactly: one fraction per size."""
    sizes, place = np.unique(clusters, return_inverse=True)
    sums = np.zeros(len(sizes), np.int64)
    np.add.at(sums, place, cells * cells)
    total = sum((Fraction(int(part), int(size)) for part, size in zip(sums, sizes, strict=True)), Fraction(0))
    return float(total / records)
