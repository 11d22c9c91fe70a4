"""Which places of an array of hashes hold the same one: found by sorting once, what stands alone left out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dedupe.engine.coding import Ids, Mask, where_true
from dedupe.engine.hashing import Hashes

Places = NDArray[np.int64]

FEW = 2_000
"""Up to so many the plain way is quicker."""

AT_ONCE = 100_000
"""Hashes looked at at once, so that what is needed on the way stays small."""


@dataclass(slots=True)
class Runs:
    """The places of each hash that is there at least twice, ascending, run by run; runs ascending by hash.

    `begins`: where each run begins in `places`, and at last their number.
    """

    places: Ids
    begins: Ids
    hashes: Hashes

    @property
    def sizes(self) -> Ids:
        return self.begins[1:] - self.begins[:-1]

    @property
    def of(self) -> Places:
        """The number of the run of each place."""
        return np.arange(len(self.hashes)).repeat(self.sizes)

    def of_places(self, numbers: Places) -> Places:
        """The number of the run of some places, which are given by where they are in `places`, ascending."""
        return np.searchsorted(self.begins, numbers, side="right") - 1

    def some(self, chosen: Mask) -> Runs:
        """Some of the runs."""
        sizes = self.sizes
        return Runs(self.places[chosen.repeat(sizes)], _begins(sizes[chosen]), self.hashes[chosen])


def runs_of(hashes: Hashes) -> Runs:
    places, held = _repeated(hashes)
    begins = where_true(_heads(held)).astype(np.int32)
    return Runs(places, begins, held[begins[:-1]])


def together(hashes: Hashes) -> Ids:
    """The places in an order in which those with equal hashes stand together, ascending."""
    if len(hashes) <= FEW:
        return _order_of(hashes)
    runs = runs_of(hashes)
    firsts = np.arange(len(hashes), dtype=np.int32)
    firsts[runs.places] = runs.places[runs.begins[:-1]][runs.of]
    return np.argsort(firsts, kind="stable").astype(np.int32)


def _order_of(hashes: Hashes) -> Ids:
    """The places in the order of their hashes, equal ones ascending."""
    return np.argsort(hashes, kind="stable").astype(np.int32)


def _repeated(hashes: Hashes) -> tuple[Ids, Hashes]:
    """The places of hashes that are there at least twice, in the order of the hashes, equal ones ascending; and the
    hashes there."""
    if len(hashes) <= FEW:
        order = _order_of(hashes)
        held = hashes[order]
        inside = _repeat(held)
        return order[inside], held[inside]
    bits = np.uint64((len(hashes) - 1).bit_length())
    low = (np.uint64(1) << bits) - np.uint64(1)
    packed = _packed(hashes, bits)
    places = _lowest(packed, _repeat_above(packed, low), low)
    del packed
    return _mended(hashes, places, low)


def _packed(hashes: Hashes, bits: np.uint64) -> Hashes:
    """In order. To sort plain numbers is many times quicker than to find out an order: the place rides in the lowest
    bits."""
    packed = hashes >> bits
    packed <<= bits
    for at in range(0, len(packed), AT_ONCE):
        some = packed[at : at + AT_ONCE]
        some |= np.arange(at, at + len(some), dtype=np.uint64)
    packed.sort()
    return packed


def _lowest(packed: Hashes, chosen: Mask, low: np.uint64) -> Ids:
    found = np.empty(np.count_nonzero(chosen), np.int32)
    end = 0
    for at in range(0, len(packed), AT_ONCE):
        some = packed[at : at + AT_ONCE][chosen[at : at + AT_ONCE]] & low
        found[end : end + len(some)] = some
        end += len(some)
    return found


def _repeat_above(packed: Hashes, low: np.uint64) -> Mask:
    """What equals its neighbour but for the lowest bits."""
    found = np.zeros(len(packed), np.bool_)
    for at in range(1, len(packed), AT_ONCE):
        some = packed[at : at + AT_ONCE]
        found[at : at + AT_ONCE] = (some ^ packed[at - 1 : at - 1 + len(some)]) <= low
    found[:-1] |= found[1:]
    return found


def _mended(hashes: Hashes, places: Ids, low: np.uint64) -> tuple[Ids, Hashes]:
    """Parts hashes that differ only in the bits that gave way to the place: of a million there are hardly any."""
    held = hashes[places]
    wrong = _nearly_equal(held, low)
    if not len(wrong):
        return places, held
    tops = held | low
    for top in dict.fromkeys(tops[wrong].tolist()):
        begin = int(np.searchsorted(tops, np.uint64(top), side="left"))
        end = int(np.searchsorted(tops, np.uint64(top), side="right"))
        own = places[begin:end]
        places[begin:end] = own[np.lexsort((own, hashes[own]))]
    held = hashes[places]
    inside = _repeat(held)
    return places[inside], held[inside]


def _nearly_equal(held: Hashes, low: np.uint64) -> Places:
    """Which are not equal to the next, but for the lowest bits."""
    found = np.zeros(len(held), np.bool_)
    for at in range(1, len(held), AT_ONCE):
        some = held[at : at + AT_ONCE]
        found[at - 1 : at - 1 + len(some)] = (some ^ held[at - 1 : at - 1 + len(some)]) - np.uint64(1) < low
    return where_true(found)


def _heads(ordered: Hashes) -> Mask:
    """Where another one begins, and where the last one ends."""
    heads = np.ones(len(ordered) + 1, np.bool_)
    np.not_equal(ordered[1:], ordered[:-1], out=heads[1:-1])
    return heads


def _repeat(ordered: Hashes) -> Mask:
    """What equals its neighbour."""
    found = np.zeros(len(ordered), np.bool_)
    np.equal(ordered[1:], ordered[:-1], out=found[1:])
    found[:-1] |= found[1:]
    return found


def _begins(sizes: Ids) -> Ids:
    begins = np.zeros(len(sizes) + 1, np.int32)
    sizes.cumsum(out=begins[1:])
    return begins


def repeats(hashes: Hashes) -> Ids:
    """The places of hashes that are there before already."""
    runs = runs_of(hashes)
    follows = np.ones(len(runs.places), np.bool_)
    follows[runs.begins[:-1]] = False
    return runs.places[follows]
