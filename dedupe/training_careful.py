"""What training may not learn to merge: half a name, or another flat of one house, with one more thing that agrees.

That is what a household looks like as well. Most such pairs are one person, so that labels and counts alone would
merge them all by themselves; whether to ask is not a question of likelihood.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from dedupe.engine.levels import COLUMNS, COMPARISONS, Level
from dedupe.engine.weights import Model

CAREFUL = (("name", "initial"), ("name", "first only"), ("name", "last only"), ("address", "same but unit"))


def held_back(model: Model, table: NDArray[np.int64], prior: int, step: int) -> NDArray[np.int64]:
    """The new table with careful levels lowered, in steps, until no pair that has one, a name and no more than one
    other thing to compare is merged under it by itself that the model only asks about."""
    rows = _name_and_one_more()
    table, context = table.copy(), model.context_of[rows[:, 0]]
    asked = (model.weigh(rows) + model.prior < model.automatic) & ~model.excludes[rows[:, 0]]
    for name, level in CAREFUL:
        column, number = COLUMNS[name], COMPARISONS[name].index(level)
        for company in np.unique(context[rows[:, column] == number]).tolist():
            chosen = rows[asked & (rows[:, column] == number) & (context == company)]
            sums = prior + table[company, np.arange(rows.shape[1]), chosen].sum(axis=1)
            over = int(sums.max(initial=model.automatic - 1)) - model.automatic + 1
            table[company, column, number] -= -(-over // step) * step
    return table


@cache
def _name_and_one_more() -> Level:
    """Every level of the name with every level of one other comparison."""
    found = []
    for name in range(len(COMPARISONS["name"])):
        for column, levels in enumerate(list(COMPARISONS.values())[1:], 1):
            for level in range(len(levels)):
                row = [0] * len(COMPARISONS)
                row[0], row[column] = name, level
                found.append(row)
    return np.unique(np.array(found, np.uint8), axis=0)
