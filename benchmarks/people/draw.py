"""Drawing from pools whose members are not equally common. Only what every part of the generator needs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from benchmarks.people.table import Texts, Whole

Yes = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Pools:
    """Several pools in one array of values; each is a slice in which chances fall like Zipf's."""

    values: Texts
    starts: tuple[int, ...]
    chances: tuple[NDArray[np.float64], ...]

    def draw(self, rng: Generator, pool: Whole) -> Whole:
        """For each entry of `pool` a place in `values`."""
        found = np.zeros(len(pool), np.int64)
        for number, (start, chances) in enumerate(zip(self.starts, self.chances, strict=True)):
            here = np.flatnonzero(pool == number)
            found[here] = start + np.searchsorted(chances, rng.random(len(here)), side="right")
        return found


def pools(lists: list[list[str]], exponent: float, shift: float) -> Pools:
    """The chance of the member at a rank is proportional to 1 / (rank + shift) ** exponent."""
    starts = np.cumsum([0, *(len(one) for one in lists)]).tolist()
    chances = tuple(_cumulated(len(one), exponent, shift) for one in lists)
    return Pools(texts([value for one in lists for value in one]), tuple(starts[:-1]), chances)


def _cumulated(count: int, exponent: float, shift: float) -> NDArray[np.float64]:
    sums = np.cumsum(1.0 / (np.arange(count) + shift) ** exponent)
    sums /= sums[-1]
    sums[-1] = 1.0
    return sums


def choose(rng: Generator, shares: tuple[float, ...], count: int) -> Whole:
    """Numbers from 0, the i-th as often as its share says; shares add up to 1."""
    edges = np.cumsum(shares)
    return np.minimum(np.searchsorted(edges, rng.random(count), side="right"), len(shares) - 1)


def happens(rng: Generator, chance: float | NDArray[np.float64], count: int) -> Yes:
    return rng.random(count) < chance


def texts(values: list[str]) -> Texts:
    """An array of the very strings; numpy would copy each when it is given a list."""
    made = np.empty(len(values), dtype=object)
    made[:] = values
    return made
