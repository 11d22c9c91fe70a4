"""Columns of text as numbers: each distinct value once, rows point to them. Nothing depends on the numbers' order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.int32]
Hashes = NDArray[np.uint64]
Mask = NDArray[np.bool_]

BETWEEN = "\x1e"
"""Separates the values of a set in one text."""

WITHIN = "\x1f"
"""Separates the parts of one value."""


@dataclass(slots=True)
class Coded:
    """A column of texts: `values[ids[i]]` is row i's. Number 0 is always "", that is missing."""

    ids: Ids
    values: list[str]

    def parts(self, part: Callable[[str], str]) -> Coded:
        """Another column that follows from this one, found out once for each distinct value."""
        found = code([part(value) for value in self.values])
        return Coded(found.ids[self.ids], found.values)


def code(column: Sequence[str]) -> Coded:
    index = {"": 0}
    for value in dict.fromkeys(column):
        if value:
            index[value] = len(index)
    ids = np.fromiter(map(index.__getitem__, column), np.int32, len(column))
    return Coded(ids, list(index))


@dataclass(slots=True)
class Sets:
    """A column of sets: row i holds `items[starts[i]:starts[i + 1]]`, numbers into `values`, each once, ascending."""

    starts: NDArray[np.int64]
    items: Ids
    values: list[str]

    @property
    def counts(self) -> NDArray[np.int64]:
        return np.diff(self.starts)

    @property
    def rows(self) -> NDArray[np.int64]:
        """The row of each item."""
        return np.repeat(np.arange(len(self.starts) - 1), self.counts)

    def kept(self, usable: Mask) -> Sets:
        """Without the values that are not usable."""
        inside = usable[self.items]
        if inside.all():
            return self
        return _sets(self.rows[inside], self.items[inside], len(self.starts) - 1, self.values)

    def grouped(self, labels: NDArray[np.int64], groups: int) -> Sets:
        """The union of the rows of each label."""
        size = max(len(self.values), 1)
        both = np.unique(labels[self.rows] * size + self.items)
        return _sets(both // size, (both % size).astype(np.int32), groups, self.values)


def code_sets(column: Sequence[str]) -> Sets:
    """A column of texts, each the values of a set joined by BETWEEN."""
    whole = code(column)
    index: dict[str, int] = {}
    sizes = np.zeros(len(whole.values), np.int64)
    items: list[int] = []
    for number, text in enumerate(whole.values):
        if text:
            own = sorted({index.setdefault(value, len(index)) for value in text.split(BETWEEN)})
            sizes[number] = len(own)
            items += own
    return _taken(whole.ids, sizes, np.array(items, np.int32), list(index))


def _taken(ids: Ids, sizes: NDArray[np.int64], items: Ids, values: list[str]) -> Sets:
    """Rows that point to sets, as sets."""
    begins = np.concatenate(([0], np.cumsum(sizes)))
    counts = sizes[ids]
    starts = np.concatenate(([0], np.cumsum(counts)))
    within = np.arange(starts[-1]) - np.repeat(starts[:-1], counts)
    return Sets(starts, items[np.repeat(begins[ids], counts) + within], values)


def _sets(rows: NDArray[np.int64], items: Ids, count: int, values: list[str]) -> Sets:
    """From (row, item) in order."""
    starts = np.concatenate(([0], np.cumsum(np.bincount(rows, minlength=count))))
    return Sets(starts, items, values)


def hashes_of(values: Sequence[str]) -> Hashes:
    """A 64-bit hash of each text, the same in every process and on every machine."""
    joined = b"".join([blake2b(value.encode("utf-8", "backslashreplace"), digest_size=8).digest() for value in values])
    return np.frombuffer(joined, dtype=">u8").astype(np.uint64)


def mixed(*hashes: Hashes | np.uint64) -> Hashes:
    """One hash of several, in this order (the finaliser of splitmix64, Steele, Lea and Flood 2014)."""
    with np.errstate(over="ignore"):
        total: Hashes = np.zeros(1, np.uint64)
        for one in hashes:
            total = total * np.uint64(0x9E3779B97F4A7C15) + one
            total = (total ^ (total >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
            total = (total ^ (total >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
            total = total ^ (total >> np.uint64(31))
    return total
