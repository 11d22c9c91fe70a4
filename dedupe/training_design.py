"""What training counts and what it changes: distinct rows of levels, and the weight that each level of them adds.

Law: everything is counted in whole numbers over sorted rows, so that no order of pairs can be seen in a model.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

from dedupe.engine.levels import COMPARISONS, Level
from dedupe.engine.model_form import CONTEXTS, HEAVIEST
from dedupe.engine.weights import Model
from dedupe.training_careful import held_back

Real = NDArray[np.float64]
Whole = NDArray[np.int64]

BIT = 1_000
NAT = float(np.log(2)) / BIT
"""A thousandth of a bit, in the unit of natural logarithms."""

STEP = 100
"""Weights change in tenths of a bit: finer is not known, and no processor's last digit can be seen."""

NOTHING = -1
"""In the place of a weight: what one side does not say adds none."""


@dataclass(frozen=True, slots=True)
class Design:
    """Distinct rows of levels as sums of weights.

    used: the places, in the model's table, of the weights that occur. adds: by row and weight in `used`, 1 where the
    row's sum has it. now: by row, its weight under the model, in natural logarithms.
    """

    model: Model
    used: Whole
    adds: Real
    now: Real

    @property
    def groups(self) -> Whole:
        """By weight in `used`: equal for the levels of one comparison in one company; those of the name are one."""
        width = self.model.table.shape[2]
        comparison = self.used // width
        return np.where(comparison % len(COMPARISONS), comparison, 0)


def design_of(model: Model, *parts: Level) -> tuple[Design, list[Whole]]:
    """The distinct rows of all parts, and for each part, how often it has each of them."""
    rows, inverse = np.unique(np.concatenate(parts), axis=0, return_inverse=True)
    ends = np.cumsum([len(part) for part in parts])[:-1]
    counts = [np.bincount(one, minlength=len(rows)) for one in np.split(inverse.reshape(-1), ends)]
    places = _places(model, rows)
    used = np.unique(places[places != NOTHING])
    adds = np.zeros((len(rows), len(used)))
    for column in range(places.shape[1]):
        told = np.flatnonzero(places[:, column] != NOTHING)
        adds[told, np.searchsorted(used, places[told, column])] = 1
    now = np.asarray((model.weigh(rows) + model.prior) * NAT, np.float64)
    return Design(model, used, adds, now), counts


def _places(model: Model, rows: Level) -> Whole:
    """By row and comparison: where in the table its weight stands."""
    _, comparisons, width = model.table.shape
    context = model.context_of[rows[:, 0]][:, None]
    places = (context * comparisons + np.arange(comparisons)) * width + rows
    silent = (rows == 0) & (np.arange(comparisons) > 0)
    return np.where(silent, NOTHING, places)


def changed(design: Design, prior: float, weights: Real, said: str) -> Model:
    """The model with these changes, in natural logarithms, and a version of its own that begins as the model's does.

    Thresholds, caps and what excludes stay. `said`: when this was made, a part of the version.
    """
    model = design.model
    table = model.table.astype(np.int64).reshape(-1)
    table[design.used] += _rounded(weights)
    np.clip(table, -HEAVIEST, HEAVIEST, out=table)
    shift = int(_rounded(np.array([prior]))[0])
    prior_now = model.prior + shift
    careful = held_back(model, table.reshape(model.table.shape), prior_now, STEP)
    named, another, unnamed = _spelt(model, careful)
    made = replace(
        model,
        prior=prior_now,
        prior_inside=model.prior_inside + shift,
        weights=named,
        contexts={"another": another, "unnamed": unnamed},
    )
    digest = sha256(repr(replace(made, version="")).encode()).hexdigest()[:6]
    return replace(made, version=f"{model.version.partition('+')[0]}+{said}-{digest}")


def _rounded(change: Real) -> Whole:
    return np.rint(change / NAT / STEP).astype(np.int64) * STEP


def _spelt(model: Model, table: Whole) -> list[dict[str, dict[str, int]]]:
    """The table as a model writes it down, context by context; the name, which says the context, in the first only."""
    spelt: list[dict[str, dict[str, int]]] = [{} for _ in CONTEXTS]
    for column, (name, levels) in enumerate(COMPARISONS.items()):
        for number, found in enumerate(spelt):
            if name != "name":
                found[name] = {level: int(table[number, column, at]) for at, level in enumerate(levels) if at}
    levels = COMPARISONS["name"]
    spelt[0]["name"] = {level: int(table[model.context_of[at], 0, at]) for at, level in enumerate(levels)}
    return [{name: found[name] for name in COMPARISONS if name in found} for found in spelt]
