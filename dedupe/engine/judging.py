"""Judged pairs: levels, weights, and what excludes that two are one person."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dedupe.engine.coding import Mask
from dedupe.engine.levels import BIRTH, COLUMNS, EMAIL, Level, levels_of
from dedupe.engine.pairs import Pairs
from dedupe.engine.table import Rows, Table
from dedupe.engine.weights import Model, Weight

CHUNK = 700_000
"""Pairs judged at once, so that what is needed on the way stays small."""


@dataclass(slots=True)
class Judged:
    """Pairs with their levels and weights. `conflict`: never merged automatically; `hard`: not even likely."""

    pairs: Pairs
    levels: Level
    weights: Weight
    conflict: Mask
    hard: Mask

    def some(self, chosen: Mask | Rows) -> Judged:
        return Judged(
            self.pairs.some(chosen), self.levels[chosen], self.weights[chosen], self.conflict[chosen], self.hard[chosen]
        )

    def fill(self, chosen: slice, other: Judged) -> None:
        """What the other says of some of the pairs."""
        self.levels[chosen], self.weights[chosen] = other.levels, other.weights
        self.conflict[chosen], self.hard[chosen] = other.conflict, other.hard


def judge(table: Table, pairs: Pairs, model: Model, prior: int, cannot: Rows) -> Judged:
    """Judge pairs of rows. `cannot` are the codes of the pairs that a person has said are not one, sorted."""
    count = len(pairs)
    if count <= CHUNK:
        return _judge(table, pairs, model, prior, cannot)
    levels, weights = np.empty((count, len(COLUMNS)), np.uint8), np.empty(count, np.int32)
    found = Judged(pairs, levels, weights, np.empty(count, np.bool_), np.empty(count, np.bool_))
    for at in range(0, count, CHUNK):
        some = slice(at, at + CHUNK)
        found.fill(some, _judge(table, pairs.some(some), model, prior, cannot))
    return found


def _judge(table: Table, pairs: Pairs, model: Model, prior: int, cannot: Rows) -> Judged:
    levels = levels_of(table, pairs)
    other_birth = levels[:, COLUMNS["birth"]] >= BIRTH.index("alike")
    deceives = levels[:, COLUMNS["email"]] == EMAIL.index("look-alike")
    other_name = model.excludes[levels[:, COLUMNS["name"]]]
    told_apart = np.zeros(len(pairs), np.bool_)
    if len(cannot):
        told_apart = np.isin(pairs.codes(table.size), cannot)
    return Judged(
        pairs,
        levels,
        model.weigh(levels) + np.int32(prior),
        other_birth | other_name | deceives | told_apart,
        told_apart,
    )
