"""The weights estimated anew from candidate pairs of which nobody knows anything: expectation and maximisation.

Fellegi and Sunter's way: comparisons are taken to be independent among pairs of one person and among pairs of two.
They are not, and left to itself it would count what goes together twice. So it is held by pseudo-counts, many times as
many as there are pairs, that agree with the model in force: it only finds what differs plainly from that model.
"""

from __future__ import annotations

import numpy as np
from scipy.special import expit

from dedupe.engine.levels import Level
from dedupe.engine.weights import Model
from dedupe.training_design import NAT, Design, Real, Whole, changed, design_of

PSEUDO = 30
"""How many pairs that agree with the model stand beside each candidate pair."""

RARE = 0.01
"""Seen for each level of those that only look impossible in two people, so that no share is nothing."""

ROUNDS = 200
SMALL = 1e-6


def from_candidates(model: Model, candidates: Level, said: str, pseudo: float = PSEUDO) -> Model:
    """A new model. `said`: when it was made, for its version. A level that no candidate pair has keeps its weight.

    Raises ValueError without candidates.
    """
    if not len(candidates):
        raise ValueError("there are no candidate pairs to learn from")
    design, (counts,) = design_of(model, candidates)
    held = _Held(design, counts, pseudo)
    prior, weights = 0.0, np.zeros(len(design.used))
    for _ in range(ROUNDS):
        chance = expit(design.now + design.adds @ weights + prior)
        one, two = counts * chance, counts * (1 - chance)
        before, weights, prior = weights, held.weights(one, two), held.prior(one, two)
        if np.max(np.abs(weights - before), initial=0) < SMALL:
            break
    return changed(design, prior, weights, said)


class _Held:
    """What the model in force expects, against which candidate pairs are counted.

    Its weights need not be shares of anything: what they add to every level of a comparison alike, and to every pair,
    is held like the rest, by as many pseudo-counts.
    """

    def __init__(self, design: Design, counts: Whole, pseudo: float) -> None:
        self.design, self.pseudo = design, pseudo
        self.loose = 1 / (1 + pseudo)
        self.groups = [np.flatnonzero(design.groups == group) for group in np.unique(design.groups)]
        chance = expit(design.now)
        self.one, self.two = float(counts @ chance), float(counts @ (1 - chance))
        self.among_two = design.adds.T @ (counts * (1 - chance)) + RARE
        weights = design.model.table.reshape(-1)[design.used] * NAT
        self.among_one = self.among_two * np.exp(weights)
        for group in self.groups:
            self.among_two[group] /= self.among_two[group].sum()
            self.among_one[group] /= self.among_one[group].sum()
        self.alike = weights - np.log(self.among_one / self.among_two)

    def weights(self, one: Real, two: Real) -> Real:
        """By level, how its weight differs from the model's. `one`, `two`: by row, its pairs of one person, of two."""
        of_one, of_two = self.design.adds.T @ one, self.design.adds.T @ two
        change: Real = -self.loose * self.alike
        for group in self.groups:
            held = self.pseudo * (of_one[group] + of_two[group]).sum()
            change[group] += _change(of_one[group], held, self.among_one[group])
            change[group] -= _change(of_two[group], held, self.among_two[group])
        return change

    def prior(self, one: Real, two: Real) -> float:
        """How the odds of one person differ from the model's."""
        expected = float(np.log(self.one / self.two))
        found = (float(one.sum()) + self.pseudo * self.one) / (float(two.sum()) + self.pseudo * self.two)
        return float(np.log(found)) - expected - self.loose * (self.design.model.prior * NAT - expected)


def _change(seen: Real, held: float, expected: Real) -> Real:
    """The logarithm of how much oftener each level is, beside the pseudo-counts, than expected."""
    change: Real = np.log((seen + held * expected) / ((seen.sum() + held) * expected))
    return change
