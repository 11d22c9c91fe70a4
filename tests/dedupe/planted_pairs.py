"""Pairs whose levels are drawn from shares that are known, so that what is learned from them can be told right."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from dedupe.engine.levels import COLUMNS, COMPARISONS
from dedupe.engine.weights import Model
from dedupe.training import Labelled

SHARES = {
    "name": {"same": (0.85, 0.30), "near": (0.05, 0.40), "nickname": (0.10, 0.30)},
    "email": {"same": (0.60, 0.04), "typo": (0.10, 0.06), "different": (0.30, 0.90)},
    "phone": {"same": (0.70, 0.10), "different": (0.30, 0.90)},
    "address": {"same": (0.50, 0.20), "same city": (0.20, 0.30), "different": (0.30, 0.50)},
}
"""By comparison and level: how often pairs of one person have it, and how often pairs of two."""

SILENT = 0.3
"""How often one side says nothing of what is compared; of its name, never."""


def drawn(count: int, of_one: float, seed: int) -> Labelled:
    """So many pairs, this share of them of one person."""
    random = np.random.default_rng(seed)
    same = random.random(count) < of_one
    levels = np.zeros((count, len(COMPARISONS)), np.uint8)
    for name, shares in SHARES.items():
        numbers = np.array([COMPARISONS[name].index(level) for level in shares])
        ends = np.cumsum(list(shares.values()), axis=0).T
        chance = random.random(count)
        found = np.where(same, *(numbers[np.searchsorted(end, chance)] for end in ends))
        silent = (random.random(count) < SILENT) & (name != "name")
        levels[:, COLUMNS[name]] = np.where(silent, 0, found)
    return Labelled(levels, same)


def true_gap(name: str, better: str, worse: str) -> float:
    """How many bits one level weighs more than another."""
    (m, u), (other_m, other_u) = SHARES[name][better], SHARES[name][worse]
    return float(np.log2(m / u) - np.log2(other_m / other_u))


def gap(model: Model, name: str, better: str, worse: str) -> float:
    return (model.weights[name][better] - model.weights[name][worse]) / 1000


GAPS = [(name, *two) for name, levels in SHARES.items() for two in zip(levels, list(levels)[1:], strict=False)]


def model_of_shares(standard: Model, of_one: float, off: float = 0.0) -> Model:
    """The model that is right about `drawn` pairs; each weight is off by so many bits, up and down in turn."""
    weights = {name: dict(levels) for name, levels in standard.weights.items()}
    sign = 1
    for name, shares in SHARES.items():
        for level, (m, u) in shares.items():
            weights[name][level] = round(1000 * (np.log2(m / u) + sign * off))
            sign = -sign
    return replace(standard, prior=round(1000 * np.log2(of_one / (1 - of_one))), weights=weights)
