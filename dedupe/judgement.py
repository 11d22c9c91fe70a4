"""The judgement of a pair: the sum of its comparison weights against two thresholds."""

from __future__ import annotations

from collections.abc import Iterator, Set
from dataclasses import dataclass, replace
from enum import StrEnum

from dedupe.compare import COMPARISONS, MISSING, Comparison, births, names, shown
from dedupe.features import Features
from dedupe.keys import keys_of
from dedupe.model import Model

Level = tuple[str, str, int]
"""What was compared, how well it agrees, what that weighs."""


class Judgement(StrEnum):
    """automatic: merged. likely: a person is asked. none: apart. merged / apart: a person has said so."""

    AUTOMATIC = "automatic"
    LIKELY = "likely"
    NONE = "none"
    MERGED = "merged"
    APART = "apart"


@dataclass(frozen=True, slots=True)
class Verdict:
    """A judged pair. `conflict` means that the two can hardly be one person: names or dates of birth exclude it."""

    judgement: Judgement
    weight: int
    levels: tuple[Level, ...]
    left: Features
    right: Features
    conflict: bool = False

    @property
    def comparisons(self) -> tuple[Comparison, ...]:
        """The explanation, made when it is asked for: most pairs are judged and forgotten."""
        return tuple(
            Comparison(field, level, shown(self.left, field), shown(self.right, field), weight)
            for field, level, weight in self.levels
        )


_EXCLUDING = {"other first, same last", "other", "other suffix"}


def without_popular(features: Features, popular: Set[int]) -> Features:
    """A popular value compares as missing, or a pair found by another key would still get its weight."""
    dropped = {(key.kind, key.value) for key in keys_of(features) if key.hash in popular}
    if not dropped:
        return features
    return replace(
        features,
        emails=frozenset(value for value in features.emails if ("email", value) not in dropped),
        phones=frozenset(value for value in features.phones if ("phone", value) not in dropped),
        identifiers=frozenset(
            (kind, value) for kind, value in features.identifiers if ("identifier", f"{kind}={value}") not in dropped
        ),
    )


def judge(left: Features, right: Features, model: Model, candidate: bool = True) -> Verdict:
    """Judge two records whose popular values have been taken out.

    A pair that shares no key (`candidate` false) is scored without the prior, for it was not picked for resembling;
    it is never more than none: an equal name alone is no reason to ask.
    """
    levels = tuple(_compare(left, right, model))
    weight = (model.prior if candidate else 0) + sum(weight for _, _, weight in levels)
    found = {field: level for field, level, _ in levels}
    conflict = _exclude(found.get("name", MISSING), found.get("birth", MISSING))
    judgement = Judgement.NONE
    if candidate and weight >= model.likely:
        judgement = Judgement.LIKELY if conflict or weight < model.automatic else Judgement.AUTOMATIC
    return Verdict(judgement, weight, levels, left, right, conflict)


def exclude_each_other(left: Features, right: Features) -> bool:
    """Whether names and dates of birth, that is the two forms, speak against one person."""
    return _exclude(names(left, right), births(left.birth, right.birth))


def _exclude(name: str, birth: str) -> bool:
    """A father and his namesake may differ in a suffix that only one record has; an equal birthday clears that."""
    return name in _EXCLUDING or birth == "different" or (name == "one suffix" and birth != "same")


def _compare(left: Features, right: Features, model: Model) -> Iterator[Level]:
    for field, compare in COMPARISONS:
        level = compare(left, right)
        if level != MISSING:
            yield field, level, model.weights[field, level]
