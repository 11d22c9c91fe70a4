"""Which places of an array of hashes hold the same one: found by sorting once, what stands alone left out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dedupe.engine.coding import Ids, Mask
from dedupe.engine.hashing import Hashes

Places = NDArray[np.int64]

FEW = 2_000
"""Up to so many the plain way is quicker."""


@dataclass(slots=True)
class Runs:
    """The places of each hash that is there at least twice, ascending, run by run; runs ascending by hash.

    `begins`: where each run begins in `places`, and at last their number.
    """

    places: Ids
    begins: Places
    hashes: Hashes

    @property
    def sizes(self) -> Places:
        return self.begins[1:] - self.begins[:-1]

    @property
    def of(self) -> Places:
        """The number of the run of each place."""
        return np.repeat(np.arange(len(self.hashes)), self.sizes)

    def of_places(self, numbers: Places) -> Places:
        """The number of the run of some places, which are given by where they are in `places`, ascending."""
        return np.searchsorted(self.begins, numbers, side="right") - 1

    def some(self, chosen: Mask) -> Runs:
        """Some of the runs."""
        sizes = self.sizes
        return Runs(self.places[np.repeat(chosen, sizes)], _begins(sizes[chosen]), self.hashes[chosen])


def runs_of(hashes: Hashes) -> Runs:
    places = _repeated(hashes)
    held = hashes[places]
    heads = _heads(held)
    begins = np.flatnonzero(heads)
    return Runs(places, np.append(begins, len(places)), held[begins])


def order_of(hashes: Hashes) -> Ids:
    """The places in the order of their hashes, equal ones ascending."""
    return np.argsort(hashes, kind="stable").astype(np.int32)


def _repeated(hashes: Hashes) -> Ids:
    """The places of hashes that are there at least twice, in the order of the hashes, equal ones ascending."""
    if len(hashes) <= FEW:
        order = order_of(hashes)
        return order[_repeat(hashes[order])]
    # To sort plain numbers is many times quicker than to find out an order: the place rides in the lowest bits.
    bits = np.uint64((len(hashes) - 1).bit_length())
    packed = hashes >> bits
    packed <<= bits
    packed |= np.arange(len(hashes), dtype=np.uint64)
    packed.sort()
    inside = _repeat(packed >> bits)
    low = (np.uint64(1) << bits) - np.uint64(1)
    return _mended(hashes, (packed[inside] & low).astype(np.int32), low)


def _mended(hashes: Hashes, places: Ids, low: np.uint64) -> Ids:
    """Parts hashes that differ only in the bits that gave way to the place: of a million there are hardly any."""
    held = hashes[places]
    wrong = np.flatnonzero((held[1:] ^ held[:-1]) - np.uint64(1) < low)
    if not len(wrong):
        return places
    tops = held | low
    for top in dict.fromkeys(tops[wrong].tolist()):
        begin = int(np.searchsorted(tops, np.uint64(top), side="left"))
        end = int(np.searchsorted(tops, np.uint64(top), side="right"))
        own = places[begin:end]
        places[begin:end] = own[np.lexsort((own, hashes[own]))]
    return places[_repeat(hashes[places])]


def _heads(ordered: Hashes) -> Mask:
    """Where another one begins."""
    heads = np.ones(len(ordered), np.bool_)
    np.not_equal(ordered[1:], ordered[:-1], out=heads[1:])
    return heads


def _repeat(ordered: Hashes) -> Mask:
    """What equals its neighbour."""
    found = np.zeros(len(ordered), np.bool_)
    np.equal(ordered[1:], ordered[:-1], out=found[1:])
    found[:-1] |= found[1:]
    return found


def _begins(sizes: Places) -> Places:
    begins = np.zeros(len(sizes) + 1, np.int64)
    np.cumsum(sizes, out=begins[1:])
    return begins


def repeats(hashes: Hashes) -> Ids:
    """The places of hashes that are there before already."""
    runs = runs_of(hashes)
    follows = np.ones(len(runs.places), np.bool_)
    follows[runs.begins[:-1]] = False
    return runs.places[follows]
