"""Which rows are worth comparing: those that hold one key, each pair once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from dedupe.engine.coding import Hashes, Mask
from dedupe.engine.table import Rows


@dataclass(slots=True)
class Pairs:
    """Pairs of rows, the smaller first, in ascending order."""

    left: Rows
    right: Rows

    def __len__(self) -> int:
        return len(self.left)

    def codes(self, size: int) -> Rows:
        """A number for each pair of `size` rows, ascending like the pairs."""
        return self.left * size + self.right

    def some(self, chosen: Mask | Rows | slice) -> Pairs:
        return Pairs(self.left[chosen], self.right[chosen])


NONE = Pairs(np.zeros(0, np.int64), np.zeros(0, np.int64))


def pairs_of(codes: Rows, size: int) -> Pairs:
    """From codes in any order and with repeats."""
    codes = np.unique(codes)
    return Pairs(codes // size, codes % size)


def sharing(hashes: Hashes, rows: Rows, twins: Hashes, size: int) -> Pairs:
    """The pairs that share a key. Of rows with equal `twins`, which say the same, all but the first of each key's
    holders are compared with that first one alone, or a crowd of them would cost its square.
    """
    order = np.lexsort((rows, twins[rows], hashes))
    hashes, rows = hashes[order], rows[order]
    if len(rows) < 2:
        return NONE
    same_key = hashes[1:] == hashes[:-1]
    again = np.concatenate(([False], same_key & (rows[1:] == rows[:-1])))
    hashes, rows = hashes[~again], rows[~again]
    same_key = np.concatenate(([False], hashes[1:] == hashes[:-1]))
    twin = twins[rows]
    follows = same_key & np.concatenate(([False], twin[1:] == twin[:-1]))
    found = [*_stars(rows, follows), *_among(hashes[~follows], rows[~follows])]
    both = [np.minimum(a, b) * size + np.maximum(a, b) for a, b in found]
    return pairs_of(np.concatenate(both), size) if both else NONE


def _stars(rows: Rows, follows: Mask) -> Iterator[tuple[Rows, Rows]]:
    if follows.any():
        firsts = np.maximum.accumulate(np.where(follows, 0, np.arange(len(rows))))
        yield rows[firsts[follows]], rows[follows]


def _among(hashes: Hashes, rows: Rows) -> Iterator[tuple[Rows, Rows]]:
    """All pairs inside each key, for all keys with equally many holders at once."""
    begins = np.flatnonzero(np.concatenate(([True], hashes[1:] != hashes[:-1]))) if len(hashes) else hashes
    yield from all_inside(rows, begins.astype(np.int64))


def all_inside(rows: Rows, begins: Rows) -> Iterator[tuple[Rows, Rows]]:
    """All pairs inside each run of rows; a run begins at each of `begins`."""
    sizes = np.diff(np.concatenate((begins, [len(rows)])))
    for size in np.unique(sizes[sizes > 1]).tolist():
        some = begins[sizes == size]
        for one, other in combinations(range(size), 2):
            yield rows[some + one], rows[some + other]
