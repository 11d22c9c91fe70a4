"""The model: how much each level of agreement weighs, and where the thresholds and the cap lie.

Weights are whole thousandths of a bit, so that sums and ties depend on no order and no processor.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

LevelKey = tuple[str, str]
"""(comparison, level)."""


@dataclass(frozen=True, slots=True)
class Model:
    """`prior` is the weight of a candidate pair before anything is compared.

    automatic: from this weight on a pair is merged; likely: from here on a person is asked.
    cap: how many distinct signatures may hold one value before it is too popular to say anything.
    margin: how much better than the second best an automatic match must be where the two exclude each other.
    component_limit: how many distinct people-like nodes a component may have before the threshold is raised.
    """

    version: str
    prior: int
    automatic: int
    likely: int
    cap: int
    margin: int
    component_limit: int
    weights: Mapping[LevelKey, int]


STANDARD = Model(
    version="standard-1",
    prior=-6_000,
    automatic=2_500,
    likely=0,
    cap=10,
    margin=3_000,
    component_limit=200,
    weights={
        ("email", "same"): 9_000,
        ("email", "different"): -1_000,
        ("phone", "same"): 9_000,
        ("phone", "different"): -800,
        ("identifier", "same"): 12_000,
        ("identifier", "different"): -1_500,
        ("name", "same"): 5_000,
        ("name", "similar first, same last"): 3_500,
        ("name", "same first, other last"): -1_000,
        ("name", "one suffix"): -1_500,
        ("name", "same first only"): 1_000,
        ("name", "same last only"): 500,
        ("name", "other first, same last"): -8_000,
        ("name", "other"): -9_000,
        ("name", "other suffix"): -9_000,
        ("birth", "same"): 4_000,
        ("birth", "close"): -1_000,
        ("birth", "different"): -9_000,
    },
)
"""Weights set by hand from the published behaviour of such values in customer data; trained models replace them."""
