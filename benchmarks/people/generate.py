"""The way from a number of records, a profile and a seed to the labelled records: the steps in their order."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator, default_rng

from benchmarks.people.draw import texts
from benchmarks.people.lives import live
from benchmarks.people.population import populate
from benchmarks.people.profile import SYSTEMS, Profile
from benchmarks.people.records import Writing, told, write
from benchmarks.people.spoil import spoil
from benchmarks.people.table import People, Texts, Whole

SHARE = 0.43849
"""People a record."""

FEWEST = 50
MOST = 2_000_000


def generate(records: int, profile: Profile, seed: int) -> People:
    """As many records, in no order. The same three arguments give the same rows where numpy is the same.

    ValueError below `FEWEST` (there is no neighbourhood to draw from) and above `MOST` (telephone numbers run out).
    """
    if not FEWEST <= records <= MOST:
        raise ValueError(f"{records} records: between {FEWEST} and {MOST} can be made")
    rng = default_rng(seed)
    persons = round(records * SHARE)
    people = populate(rng, persons)
    lives = live(rng, people, profile.life)
    writing = _shuffled(rng, write(rng, persons, records, profile))
    columns = told(rng, writing, people, lives, profile)
    spoil(rng, columns, writing, people, lives, profile.noise)
    return People(
        system=texts([one.name for one in SYSTEMS])[writing.system],
        external_id=_external_ids(writing.system),
        full=_full(columns),
        truth=rng.permutation(persons)[writing.who],
        **columns,
    )


def _shuffled(rng: Generator, writing: Writing) -> Writing:
    order = rng.permutation(len(writing))
    return Writing(writing.who[order], writing.system[order], writing.when[order])


def _external_ids(system: Whole) -> Texts:
    """Numbered in each system in the order of the rows, so that they tell nothing of who it is."""
    made = np.empty(len(system), dtype=object)
    for number, one in enumerate(SYSTEMS):
        here = np.flatnonzero(system == number)
        made[here] = texts([f"{one.name}-{place}" for place in range(1, len(here) + 1)])
    return made


def _full(columns: dict[str, Texts]) -> Texts:
    parts = zip(*(columns[name].tolist() for name in ("first", "middle", "last", "suffix")), strict=True)
    return texts([" ".join(filter(None, name)) for name in parts])
