"""Columns of text as numbers: each distinct value once, rows point to them. Nothing depends on the numbers' order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count

import numpy as np
from numpy.typing import NDArray

from dedupe.engine.hashing import Hashes, hashes_of, mixed

__all__ = [
    "BETWEEN",
    "WITHIN",
    "Coded",
    "Hashes",
    "Ids",
    "Mask",
    "Rows",
    "Sets",
    "code",
    "code_sets",
    "hashes_of",
    "mixed",
]

Ids = NDArray[np.int32]
Rows = NDArray[np.int64]
Mask = NDArray[np.bool_]

BETWEEN = "\x1e"
"""Separates the values of a set in one text."""

WITHIN = "\x1f"
"""Separates the parts of one value."""


@dataclass(slots=True)
class Coded:
    """A column of texts: `values[ids[i]]` is row i's. Number 0 is always "", that is missing, in what `code` gives."""

    ids: Ids
    values: list[str]

    def parts(self, part: Callable[[str], str]) -> Coded:
        """Another column that follows from this one, found out once for each distinct value."""
        found = code([part(value) for value in self.values])
        return Coded(found.ids[self.ids], found.values)


Texts = Sequence[str] | Coded
"""A column as whoever hands it over has it: a text for each row, or coded already, values perhaps repeated."""


def code(column: Texts) -> Coded:
    if isinstance(column, Coded):
        found = code(column.values)
        return Coded(found.ids[column.ids], found.values)
    index: defaultdict[str, int] = defaultdict(count().__next__)
    index.__missing__("")
    ids = np.fromiter(map(index.__getitem__, column), np.int32, len(column))
    return Coded(ids, list(index))


@dataclass(slots=True)
class Sets:
    """A column of sets: row i holds `items[starts[i]:starts[i + 1]]`, numbers into `values`, each once, ascending.

    `rows` is the row of each item.
    """

    starts: NDArray[np.int64]
    items: Ids
    values: list[str]
    rows: Ids

    @property
    def counts(self) -> NDArray[np.int64]:
        return np.diff(self.starts)

    @property
    def is_single(self) -> bool:
        """No row holds two."""
        return len(self.rows) < 2 or bool((self.rows[1:] != self.rows[:-1]).all())

    def kept(self, usable: Mask) -> Sets:
        """Without the values that are not usable."""
        inside = usable[self.items]
        if inside.all():
            return self
        return _sets(self.rows[inside], self.items[inside], len(self.starts) - 1, self.values)

    def grouped(self, labels: NDArray[np.int64], groups: int) -> Sets:
        """The union of the rows of each label."""
        size = max(len(self.values), 1)
        both = without_repeats(np.sort(labels[self.rows] * size + self.items))
        rows = both // size
        return _sets(rows.astype(np.int32), (both - rows * size).astype(np.int32), groups, self.values)


def code_sets(column: Texts) -> Sets:
    """A column of texts, each the values of a set joined by BETWEEN."""
    whole = code(column)
    if not any(BETWEEN in value for value in whole.values):
        rows = np.flatnonzero(whole.ids)
        return _sets(rows.astype(np.int32), whole.ids[rows] - np.int32(1), len(whole.ids), whole.values[1:])
    return _of_many(whole)


def _of_many(whole: Coded) -> Sets:
    index: dict[str, int] = {}
    sizes = np.zeros(len(whole.values), np.int64)
    items: list[int] = []
    for number, text in enumerate(whole.values):
        if text:
            own = sorted({index.setdefault(value, len(index)) for value in text.split(BETWEEN)})
            sizes[number] = len(own)
            items += own
    begins = np.cumsum(sizes) - sizes
    counts = sizes[whole.ids]
    rows = np.repeat(np.arange(len(counts), dtype=np.int32), counts)
    starts = _starts(counts)
    within = np.arange(starts[-1]) - starts[rows]
    return Sets(starts, np.array(items, np.int32)[begins[whole.ids][rows] + within], list(index), rows)


def _sets(rows: Ids, items: Ids, count: int, values: list[str]) -> Sets:
    """From (row, item) in order."""
    return Sets(_starts(np.bincount(rows, minlength=count)), items, values, rows)


def _starts(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    starts = np.zeros(len(counts) + 1, np.int64)
    np.cumsum(counts, out=starts[1:])
    return starts


def without_repeats(ascending: NDArray[np.int64]) -> NDArray[np.int64]:
    """Each once. On sorted numbers this costs a hundredth of `np.unique`."""
    if len(ascending) < 2:
        return ascending
    new = np.empty(len(ascending), np.bool_)
    new[0] = True
    np.not_equal(ascending[1:], ascending[:-1], out=new[1:])
    return ascending[new]
