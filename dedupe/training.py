"""The weights estimated anew from pairs of which is known whether they are one person: a logistic regression.

Weights of what goes together (a household's address, phone and family name) cannot be counted one by one, as m and u;
a regression weighs them together. It is drawn to the model in force twice: each weight by itself, and all of them by
what that model says of all candidate pairs. The second is what makes a few labels harmless: people are asked about
pairs in doubt, and what they say of these must not bend what the model says of all others.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from dedupe.engine.coding import Mask
from dedupe.engine.levels import Level
from dedupe.engine.weights import Model
from dedupe.training_design import Real, changed, design_of

DRAW = 2.0
"""How strongly each weight is drawn to that of the model: as if it were known to about a bit."""

ANCHOR_OF_TRUTH = 1
ANCHOR_OF_DECISIONS = 20
"""How many candidate pairs, judged as the model judges them, stand beside each label. Few where the labels are of any
pair, many where they are of pairs that somebody found in doubt or wrong."""

LOOSE = 1e-3
"""What keeps the share of one person among the labels finite when all are of one kind."""

ROUNDS = 100
SMALL = 1e-10


@dataclass(frozen=True, slots=True)
class Labelled:
    """Pairs with their levels, and by pair whether they are one person."""

    levels: Level
    same: Mask

    def counts(self) -> tuple[int, int]:
        """How many are one person, and how many are two."""
        one = int(self.same.sum())
        return one, len(self.same) - one


def from_labels(model: Model, labelled: Labelled, candidates: Level, anchor: int, said: str) -> Model:
    """A new model. `candidates`: the levels of all candidate pairs; `said`: when it was made, for its version.

    How many of the labels are one person says nothing of how many candidates are: a file that names whole people has
    nearly no pair of two. So the labels have a prior of their own, which is thrown away. A level that neither labels
    nor candidates have keeps its weight, or is lowered with care.
    """
    same, other = labelled.levels[labelled.same], labelled.levels[~labelled.same]
    design, (alike, apart, all_of_them) = design_of(model, same, other, candidates)
    expected = expit(design.now)
    share = anchor * len(labelled.levels) / max(len(candidates), 1)
    anchored = all_of_them * share
    rows, width = design.adds.shape
    terms = np.zeros((2 * rows, width + 2))
    terms[:rows, 0] = 1
    terms[:, 1] = 1
    terms[:, 2:] = np.tile(design.adds, (2, 1))
    drawn = np.full(width + 2, DRAW)
    drawn[0] = LOOSE
    found = _fitted(
        terms,
        np.tile(design.now, 2),
        np.concatenate([alike, anchored * expected]),
        np.concatenate([apart, anchored * (1 - expected)]),
        drawn,
    )
    return changed(design, float(found[1]), found[2:], said)


def _fitted(terms: Real, start: Real, same: Real, other: Real, drawn: Real) -> Real:
    """The change of each term that makes the rows likeliest, by Newton's method with halved steps."""
    change = np.zeros(terms.shape[1])
    both, cost = same + other, _cost(start, same, other)
    for _ in range(ROUNDS):
        chance = expit(start + terms @ change)
        slope = terms.T @ (both * chance - same) + drawn * change
        bend = (terms * (both * chance * (1 - chance))[:, None]).T @ terms + np.diag(drawn)
        step = np.linalg.solve(bend, slope)
        for _ in range(ROUNDS):
            tried = change - step
            now = _cost(start + terms @ tried, same, other) + float(drawn @ (tried * tried)) / 2
            if now <= cost:
                break
            step /= 2
        else:
            return change
        gained, change, cost = cost - now, tried, now
        if gained <= SMALL * max(cost, 1.0):
            break
    return change


def _cost(weights: Real, same: Real, other: Real) -> float:
    """How unlikely it is, in natural logarithms, that these are one person and those are not."""
    return float(same @ np.logaddexp(0, -weights) + other @ np.logaddexp(0, weights))
