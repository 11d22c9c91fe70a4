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
    "code_parts",
    "code_sets",
    "hashes_of",
    "mixed",
    "where_true",
    "without_repeats",
]

Ids = NDArray[np.int32]
Rows = NDArray[np.int64]
Mask = NDArray[np.bool_]

BETWEEN = "\x1e"
"""Separates the values of a set in one text."""

WITHIN = "\x1f"
"""Separates the parts of one value."""

AT_ONCE = 20_000
"""Values taken apart at once: what is kept of millions of short-lived texts would keep the room of all from being used
again."""


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
    index = _new_index()
    ids = _numbered(index, column)
    return Coded(ids, list(index))


Index = defaultdict[str, int]


def _new_index() -> Index:
    index: Index = defaultdict(count().__next__)
    index.__missing__("")
    return index


def _numbered(index: Index, texts: Sequence[str]) -> Ids:
    return np.fromiter(map(index.__getitem__, texts), np.int32, len(texts))


def code_parts(values: Sequence[str], count: int) -> list[Coded]:
    """By part, a column: the parts of values that have so many, joined by WITHIN."""
    indexes = [_new_index() for _ in range(count)]
    ids = np.empty((count, len(values)), np.int32)
    for at in range(0, len(values), AT_ONCE):
        parts = _parted(values[at : at + AT_ONCE], count)
        for own, index, texts in zip(ids, indexes, parts, strict=True):
            own[at : at + AT_ONCE] = _numbered(index, texts)
    return [Coded(own, list(index)) for own, index in zip(ids, indexes, strict=True)]


def _parted(values: Sequence[str], count: int) -> list[list[str]]:
    parts = WITHIN.join(values).split(WITHIN)
    if len(parts) != count * len(values):
        parts = [part for value in values for part in _split(value, count)]
    return [parts[number::count] for number in range(count)]


def _split(value: str, count: int) -> list[str]:
    found = value.split(WITHIN)
    return found + [""] * (count - len(found))


@dataclass(slots=True)
class Sets:
    """A column of sets: row i holds `items[starts[i]:starts[i + 1]]`, numbers into `values`, each once, ascending."""

    starts: Ids
    items: Ids
    values: list[str]

    @property
    def counts(self) -> Ids:
        return self.starts[1:] - self.starts[:-1]

    @property
    def rows(self) -> Ids:
        """The row of each item. Made anew each time: to keep it would cost as much as the items."""
        return np.arange(len(self.starts) - 1, dtype=np.int32).repeat(self.counts)

    def kept(self, usable: Mask) -> Sets:
        """Without the values that are not usable."""
        inside = usable[self.items]
        if inside.all():
            return self
        return _sets(self.rows[inside], self.items[inside], len(self.starts) - 1, self.values)

    def grouped(self, labels: NDArray[np.int64], groups: int) -> Sets:
        """The union of the rows of each label."""
        size = max(len(self.values), 1)
        both = labels[self.rows] * size
        both += self.items
        both.sort()
        both = without_repeats(both)
        rows = both // size
        return _sets(rows.astype(np.int32), (both - rows * size).astype(np.int32), groups, self.values)


def code_sets(column: Texts) -> Sets:
    """A column of texts, each the values of a set joined by BETWEEN."""
    whole = code(column)
    if not any(BETWEEN in value for value in whole.values):
        rows = where_true(whole.ids)
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
    rows = np.arange(len(counts), dtype=np.int32).repeat(counts)
    starts = _starts(counts)
    within = np.arange(starts[-1]) - starts[rows]
    return Sets(starts, np.array(items, np.int32)[begins[whole.ids][rows] + within], list(index))


def _sets(rows: Ids, items: Ids, count: int, values: list[str]) -> Sets:
    """From (row, item) in order."""
    return Sets(_starts(np.bincount(rows, minlength=count)), items, values)


def _starts(counts: Rows) -> Ids:
    starts = np.zeros(len(counts) + 1, np.int32)
    counts.cumsum(out=starts[1:])
    return starts


def where_true(mask: NDArray[np.generic]) -> Rows:
    """The places of what is not false or 0: `np.flatnonzero`, which takes five times as long for a few."""
    return mask.nonzero()[0]


def without_repeats(ascending: NDArray[np.int64]) -> NDArray[np.int64]:
    """Each once. On sorted numbers this costs a hundredth of `np.unique`."""
    if len(ascending) < 2:
        return ascending
    new = np.empty(len(ascending), np.bool_)
    new[0] = True
    np.not_equal(ascending[1:], ascending[:-1], out=new[1:])
    return ascending[new]
