"""The model: what each level of agreement weighs, in thousandths of a bit, and where thresholds and caps lie."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray
from ruamel.yaml import YAML

from dedupe.engine.levels import COMPARISONS, Level
from dedupe.engine.model_form import CONTEXTS, Fault, faults_in

Weight = NDArray[np.int32]


class BadModel(ValueError):
    """This is no model; `faults` are all that is wrong, each with its place."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("; ".join(f"{'.'.join(map(str, one.at)) or 'model'}: {one.message}" for one in faults))
        self.faults = tuple(faults)


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


def shipped() -> tuple[str, ...]:
    """The names that `load` knows, sorted."""
    names = (one.name for one in files("dedupe.models").iterdir())
    return tuple(sorted(name.removesuffix(".yaml") for name in names if name.endswith(".yaml")))


def model_of(text: str) -> Model:
    """A model from its YAML. Raises BadModel, and YAMLError for what is no YAML."""
    return model_from(YAML(typ="safe", pure=True).load(text))


def model_from(data: Any) -> Model:
    """A model from plain data, as a YAML file gives them. Raises BadModel."""
    if faults := faults_in(data):
        raise BadModel(faults)
    return Model(**data | {name: tuple(data[name]) for name in ("excluding", "another", "unnamed")})
