"""The model: what each level of agreement weighs, in thousandths of a bit, and where thresholds and caps lie."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray
from ruamel.yaml import YAML

from dedupe.engine.levels import COMPARISONS, Level

Weight = NDArray[np.int32]

CONTEXTS = ("named", "another", "unnamed")
"""In what company a level stands: names that may be one person's, first names of two people, or no name to compare.

Inside one household address, phone and family name go together, and so say nothing of two people: hence not one
weight for each level but one in each company (a joint comparison).
"""


@dataclass(frozen=True)
class Model:
    """`prior` is the weight of a candidate pair before anything is compared.

    prior_inside: that of a pair that shares no key, but matches in between.
    automatic: from this weight on a pair is merged; likely: from here on a person is asked.
    floor: the least average weight of the pairs of a contact.
    strong_cap, weak_cap: how many different people may hold one identifier, or one resemblance.
    margin: how much better than the second best an automatic match must be where the two exclude each other.
    limit: how many distinct nodes a component may have before the threshold is raised.
    weights: comparison -> level -> weight; contexts: the same for those that weigh otherwise there.
    excluding: levels of the name that are never merged automatically.
    """

    version: str
    prior: int
    prior_inside: int
    automatic: int
    likely: int
    floor: int
    strong_cap: int
    weak_cap: int
    margin: int
    limit: int
    excluding: tuple[str, ...]
    another: tuple[str, ...]
    unnamed: tuple[str, ...]
    weights: Mapping[str, Mapping[str, int]]
    contexts: Mapping[str, Mapping[str, Mapping[str, int]]] = field(default_factory=dict)

    @cached_property
    def table(self) -> NDArray[np.int32]:
        """Weights by context, comparison and level."""
        widest = max(map(len, COMPARISONS.values()))
        found = np.zeros((len(CONTEXTS), len(COMPARISONS), widest), np.int32)
        for number, context in enumerate(CONTEXTS):
            for column, (name, levels) in enumerate(COMPARISONS.items()):
                known = {**self.weights.get(name, {}), **self.contexts.get(context, {}).get(name, {})}
                for level, weight in known.items():
                    found[number, column, levels.index(level)] = weight
        return found

    @cached_property
    def context_of(self) -> NDArray[np.int64]:
        """By level of the name."""
        names = COMPARISONS["name"]
        found = np.zeros(len(names), np.int64)
        found[[names.index(level) for level in self.another]] = CONTEXTS.index("another")
        found[[names.index(level) for level in self.unnamed]] = CONTEXTS.index("unnamed")
        return found

    @cached_property
    def excludes(self) -> NDArray[np.bool_]:
        """By level of the name."""
        return np.isin(np.array(COMPARISONS["name"]), np.array(self.excluding))

    def weigh(self, levels: Level) -> Weight:
        """The sum of the weights of each row of levels, without the prior."""
        context = self.context_of[levels[:, 0]]
        total = np.zeros(len(levels), np.int32)
        for column in range(levels.shape[1]):
            total += self.table[context, column, levels[:, column]]
        return total


@cache
def load(name: str = "standard") -> Model:
    """A model of those that are shipped."""
    return model_of(files("dedupe.models").joinpath(f"{name}.yaml").read_text("utf-8"))


def model_of(text: str) -> Model:
    """A model from its YAML. Raises TypeError for what is missing or unknown, ValueError for an unknown level."""
    read: dict[str, Any] = YAML(typ="safe", pure=True).load(text)
    for name in ("excluding", "another", "unnamed"):
        read[name] = tuple(read[name])
    model = Model(**read)
    _check(model)
    return model


def _check(model: Model) -> None:
    """Raises ValueError for a comparison, level or context that there is not, and for a level without a weight."""
    names = {*model.excluding, *model.another, *model.unnamed}
    _refuse("level of the name", names - set(COMPARISONS["name"]))
    _refuse("context", model.contexts.keys() - set(CONTEXTS))
    for weights in (model.weights, *model.contexts.values()):
        _refuse("comparison", weights.keys() - COMPARISONS.keys())
        for name, given in weights.items():
            _refuse(f"level of {name}", given.keys() - set(COMPARISONS[name]))
    for name, levels in COMPARISONS.items():
        if missing := set(levels[1:]) - model.weights.get(name, {}).keys():
            raise ValueError(f"the model gives no weight to {name}: {', '.join(sorted(missing))}")


def _refuse(what: str, unknown: Set[str]) -> None:
    if unknown:
        raise ValueError(f"the model names an unknown {what}: {', '.join(sorted(unknown))}")
