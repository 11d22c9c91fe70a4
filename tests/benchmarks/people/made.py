"""People made by hand, or once for all tests of a session. Nothing is tested here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

import numpy as np

from benchmarks.people import PROFILES, People, generate
from benchmarks.people.draw import texts
from benchmarks.people.table import TEXTS


@cache
def some(profile: str = "base", records: int = 20_000, seed: int = 1) -> People:
    return generate(records, PROFILES[profile], seed)


def by_hand(rows: Sequence[Mapping[str, str]]) -> People:
    """Each row a person of their own, fields that are not named missing."""
    columns = {name: texts([row.get(name, "") for row in rows]) for name in TEXTS}
    return People(**columns, truth=np.arange(len(rows)))


def same_rows(one: People, other: People) -> bool:
    return all(np.array_equal(getattr(one, name), getattr(other, name)) for name in (*TEXTS, "truth"))
