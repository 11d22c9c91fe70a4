"""Which rows are worth comparing: those that hold one key, each pair once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import pairwise

import numpy as np

from dedupe.engine.coding import Hashes, Ids, Mask, Rows, where_true, without_repeats
from dedupe.engine.runs import Places, together

AT_ONCE = 200_000
"""Holders of keys that are looked at at once, so that what is needed on the way stays small."""


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
    return _pairs_in_order(np.sort(codes), size)


def _pairs_in_order(codes: Rows, size: int) -> Pairs:
    codes = without_repeats(codes)
    left = codes // size
    return Pairs(left, codes - left * size)


def sharing(begins: Places | Ids, rows: Rows | Ids, twins: Hashes, size: int) -> Pairs:
    """The pairs that share a key. The holders of each key are a run of `rows`, which begin at `begins`; its last says
    where the last one ends.

    Of rows with equal `twins`, which say the same, all but the first of each key's holders are compared with that
    first one alone, or a crowd of them would cost its square.
    """
    ranked = _Ranked(twins)
    found = [_codes(*both, size) for some in _chunks(begins) for both in _sharing(begins[some], rows, ranked)]
    codes = np.concatenate(found) if found else np.zeros(0, np.int64)
    del found
    codes.sort()
    return _pairs_in_order(codes, size)


@dataclass
class _Ranked:
    """Rows in an order in which twins stand together, each crowd of them in the order of the rows."""

    twins: Hashes

    @cached_property
    def order(self) -> Ids:
        return together(self.twins)

    @cached_property
    def rank(self) -> Rows:
        """By row, its place in the order."""
        rank = np.empty(len(self.order), np.int64)
        rank[self.order] = np.arange(len(self.order))
        return rank


def _chunks(begins: Places | Ids) -> Iterator[slice]:
    """Where some runs begin that are looked at at once, and where the last of them ends."""
    cuts = np.searchsorted(begins, range(AT_ONCE, int(begins[-1]), AT_ONCE)).tolist()
    for first, last in pairwise(dict.fromkeys([0, *cuts, len(begins) - 1])):
        yield slice(first, last + 1)


def _sharing(begins: Places | Ids, rows: Rows | Ids, ranked: _Ranked) -> Iterator[tuple[Rows | Ids, Rows | Ids]]:
    sizes = begins[1:] - begins[:-1]
    is_two = sizes == 2
    twos = begins[:-1][is_two]
    yield rows[twos], rows[twos + 1]
    if len(twos) < len(sizes):
        is_more = ~is_two
        run = where_true(is_more).repeat(sizes[is_more])
        yield from _among_many(run, rows[begins[0] : begins[-1]][is_more.repeat(sizes)], ranked)


def _codes(one: Rows | Ids, other: Rows | Ids, size: int) -> Rows:
    """Of what is not paired with itself."""
    differ = one != other
    one, other = one[differ], other[differ]
    return np.minimum(one, other).astype(np.int64) * size + np.maximum(one, other)


def _among_many(run: Places, rows: Rows | Ids, ranked: _Ranked) -> Iterator[tuple[Rows | Ids, Rows | Ids]]:
    codes = run << 32
    codes |= ranked.rank[rows]
    codes.sort()
    codes = without_repeats(codes)
    run, rows = codes >> 32, ranked.order[codes & 0xFFFFFFFF]
    twin = ranked.twins[rows]
    follows = np.zeros(len(rows), np.bool_)
    follows[1:] = (run[1:] == run[:-1]) & (twin[1:] == twin[:-1])
    yield from _stars(rows, follows)
    run, rows = run[~follows], rows[~follows]
    yield from all_inside(rows, where_true(np.concatenate(([True], run[1:] != run[:-1]))))


def _stars(rows: Rows | Ids, follows: Mask) -> Iterator[tuple[Rows | Ids, Rows | Ids]]:
    if follows.any():
        firsts = np.maximum.accumulate(np.where(follows, 0, np.arange(len(rows))))
        yield rows[firsts[follows]], rows[follows]


@cache
def corner(size: int) -> tuple[Rows, Rows]:
    """All pairs of the numbers below `size`, the smaller first, in order."""
    left, right = np.triu_indices(size, 1)
    return left, right


def all_inside(rows: Rows | Ids, begins: Rows) -> Iterator[tuple[Rows | Ids, Rows | Ids]]:
    """All pairs inside each run of rows, for all runs of one size at once; a run begins at each of `begins`."""
    sizes = np.diff(np.append(begins, len(rows)))
    for size in where_true(np.bincount(sizes)).tolist():
        if size > 1:
            left, right = corner(size)
            some = begins[sizes == size][:, None]
            yield rows[some + left].ravel(), rows[some + right].ravel()
