"""Which rows are worth comparing: those that hold one key, each pair once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from dedupe.engine.coding import Hashes, Ids, Mask, Rows, without_repeats
from dedupe.engine.runs import Places, order_of


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
    codes = without_repeats(np.sort(codes))
    left = codes // size
    return Pairs(left, codes - left * size)


def sharing(begins: Places, rows: Rows | Ids, twins: Hashes, size: int) -> Pairs:
    """The pairs that share a key. The holders of each key are a run of `rows`, which begin at `begins`; its last says
    where the last one ends.

    Of rows with equal `twins`, which say the same, all but the first of each key's holders are compared with that
    first one alone, or a crowd of them would cost its square.
    """
    sizes = begins[1:] - begins[:-1]
    twos = begins[:-1][sizes == 2]
    found = [(rows[twos], rows[twos + 1])]
    if len(twos) < len(sizes):
        more = np.flatnonzero(sizes != 2)
        run = np.repeat(more, sizes[more])
        found += _among_many(run, rows[np.repeat(sizes != 2, sizes)], twins)
    codes = np.concatenate([_codes(one, other, size) for one, other in found])
    return pairs_of(codes, size)


def _codes(one: Rows | Ids, other: Rows | Ids, size: int) -> Rows:
    """Of what is not paired with itself."""
    differ = one != other
    one, other = one[differ], other[differ]
    return np.minimum(one, other).astype(np.int64) * size + np.maximum(one, other)


def _among_many(run: Places, rows: Rows | Ids, twins: Hashes) -> Iterator[tuple[Rows | Ids, Rows | Ids]]:
    order = order_of(twins)
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    codes = without_repeats(np.sort(run << 32 | rank[rows]))
    run, rows = codes >> 32, order[codes & 0xFFFFFFFF]
    twin = twins[rows]
    follows = np.zeros(len(rows), np.bool_)
    follows[1:] = (run[1:] == run[:-1]) & (twin[1:] == twin[:-1])
    yield from _stars(rows, follows)
    run, rows = run[~follows], rows[~follows]
    begins = np.flatnonzero(np.concatenate(([True], run[1:] != run[:-1])))
    yield from all_inside(rows, begins)


def _stars(rows: Rows | Ids, follows: Mask) -> Iterator[tuple[Rows | Ids, Rows | Ids]]:
    if follows.any():
        firsts = np.maximum.accumulate(np.where(follows, 0, np.arange(len(rows))))
        yield rows[firsts[follows]], rows[follows]


def all_inside(rows: Rows | Ids, begins: Rows) -> Iterator[tuple[Rows | Ids, Rows | Ids]]:
    """All pairs inside each run of rows, for all runs of one size at once; a run begins at each of `begins`."""
    sizes = np.diff(np.append(begins, len(rows)))
    for size in np.flatnonzero(np.bincount(sizes)).tolist():
        if size > 1:
            left, right = np.triu_indices(size, 1)
            some = begins[sizes == size][:, None]
            yield rows[some + left].ravel(), rows[some + right].ravel()
