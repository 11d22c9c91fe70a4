"""Who there is: households and their people, before anything changes in their lives. Numbers into pools, no records."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from benchmarks.people import given_names, places
from benchmarks.people.draw import Yes, choose, happens
from benchmarks.people.surnames import surnames
from benchmarks.people.table import Whole

SINGLE, COUPLE, FAMILY, FLAT = range(4)
_KINDS = (0.42, 0.26, 0.20, 0.12)
_FIRST_DAY = int(np.datetime64("1935-01-01").astype(int))
_YEAR = 365
YOUNGEST = 2012


@dataclass(frozen=True, slots=True)
class Population:
    """One entry a person but for `country`, `culture` and `shares_name`, which have one a household.

    `household` and `place` (0 for its first member) say where somebody lives; `first`, `second` (the middle name) and
    `last` point into the pools of names; `birth` is days since 1970. `senior` and `junior` are a father and a son of
    one name. Persons of a household stand side by side.
    """

    household: Whole
    place: Whole
    kind: Whole
    country: Whole
    culture: Whole
    man: Yes
    first: Whole
    second: Whole
    last: Whole
    birth: Whole
    senior: Yes
    junior: Yes

    def __len__(self) -> int:
        return len(self.household)

    @property
    def coupled(self) -> Yes:
        """Whoever is one of the two a household was founded by."""
        founders: Yes = ((self.kind == COUPLE) | (self.kind == FAMILY)) & (self.place < 2)
        return founders


def populate(rng: Generator, count: int) -> Population:
    kinds, sizes = _households(rng, count)
    household = np.repeat(np.arange(len(sizes)), sizes)[:count]
    place = np.arange(count) - np.searchsorted(household, household)
    kind = kinds[household]
    child = (kind == FAMILY) & (place >= 2)
    twin = child & (place == 3) & happens(rng, 0.12, len(kinds))[household]
    man = _genders(rng, kind, place, twin)
    culture = choose(rng, given_names.SHARES, len(kinds))
    first, junior, senior = _first_names(rng, household, culture, man, child, twin)
    return Population(
        household=household,
        place=place,
        kind=kind,
        country=choose(rng, places.SHARES, len(kinds)),
        culture=culture,
        man=man,
        first=first,
        second=given_names.given_names().draw(rng, 2 * culture[household] + man),
        last=_last_names(rng, household, place, kind, culture),
        birth=_births(rng, household, place, child, twin),
        senior=senior,
        junior=junior,
    )


def _households(rng: Generator, count: int) -> tuple[Whole, Whole]:
    """Kinds and sizes of as many households as hold `count` people."""
    kinds = choose(rng, _KINDS, count)
    more = rng.integers(0, 3, count)
    sizes = np.select([kinds == SINGLE, kinds == COUPLE, kinds == FAMILY], [1, 2, 3 + more], 2 + more)
    needed = int(np.searchsorted(np.cumsum(sizes), count)) + 1
    return kinds[:needed], sizes[:needed]


def _genders(rng: Generator, kind: Whole, place: Whole, twin: Yes) -> Yes:
    """The second of a couple is mostly of the other gender; twins are alike more often than not."""
    man = happens(rng, 0.48, len(kind))
    pair = np.flatnonzero(((kind == COUPLE) | (kind == FAMILY)) & (place == 1) & happens(rng, 0.95, len(kind)))
    man[pair] = ~man[pair - 1]
    alike = np.flatnonzero(twin & happens(rng, 0.4, len(kind)))
    man[alike] = man[alike - 1]
    return man


def _first_names(
    rng: Generator, household: Whole, culture: Whole, man: Yes, child: Yes, twin: Yes
) -> tuple[Whole, Yes, Yes]:
    """First names, and who is the junior and who the senior of a father and an eldest son of one name."""
    count = len(household)
    pools = given_names.given_names()
    first = pools.draw(rng, 2 * culture[household] + man)
    starts = np.searchsorted(household, household)
    junior, senior = np.zeros(count, bool), np.zeros(count, bool)
    sons = np.flatnonzero(child & man & (np.arange(count) - starts == 2) & happens(rng, 0.12, count))
    fathers = starts[sons] + np.where(man[starts[sons]], 0, 1)
    sons, fathers = sons[man[fathers]], fathers[man[fathers]]
    first[sons] = first[fathers]
    junior[sons], senior[fathers] = True, True
    same = np.flatnonzero(twin & (first == np.roll(first, 1)))
    begins = np.asarray(pools.starts)[2 * culture[household[same]] + man[same]]
    first[same] = np.where(first[same] == begins, begins + 1, begins)
    return first, junior, senior


def _last_names(rng: Generator, household: Whole, place: Whole, kind: Whole, culture: Whole) -> Whole:
    """Families share a name, four in five partners do, flatmates do not."""
    shared = surnames().draw(rng, culture)[household]
    own = surnames().draw(rng, culture[household])
    partner = ((kind == COUPLE) | (kind == FAMILY)) & (place == 1)
    apart = (kind == FLAT) | (partner & happens(rng, 0.2, len(household)))
    return np.where(apart, own, shared)


def _births(rng: Generator, household: Whole, place: Whole, child: Yes, twin: Yes) -> Whole:
    """Partners are near in age, children a generation younger, twins born on one day."""
    count, houses = len(household), int(household[-1]) + 1
    eldest = rng.integers(0, 55 * _YEAR, houses)
    eldest = np.where(np.bincount(household[child], minlength=houses) > 0, eldest * 4 // 5, eldest)
    born = eldest[household] + np.where(place > 0, rng.integers(-5 * _YEAR, 5 * _YEAR, count), 0)
    born = np.where(child, eldest[household] + rng.integers(22 * _YEAR, 34 * _YEAR, count), born)
    born[np.flatnonzero(twin)] = born[np.flatnonzero(twin) - 1]
    return np.clip(_FIRST_DAY + born, _FIRST_DAY - 5 * _YEAR, int(np.datetime64(f"{YOUNGEST}-12-31").astype(int)))
