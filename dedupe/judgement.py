"""The judgement of a pair: the sum of its comparison weights against two thresholds."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass, replace
from enum import StrEnum

from dedupe.compare import COMPARISONS, MISSING, Comparison, shown
from dedupe.features import Features
from dedupe.keys import keys_of
from dedupe.model import Model


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
    comparisons: tuple[Comparison, ...]
    conflict: bool = False


_EXCLUDING = {
    ("name", "other first, same last"),
    ("name", "other"),
    ("name", "other suffix"),
    ("birth", "different"),
}
_NEVER_AUTOMATIC = {("name", "other suffix"), ("birth", "different")}


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

    A pair that shares no key (`candidate` false) is scored without the prior: it was not picked for resembling.
    """
    comparisons = tuple(_compare(left, right, model))
    weight = (model.prior if candidate else 0) + sum(comparison.weight for comparison in comparisons)
    levels = {(comparison.field, comparison.level) for comparison in comparisons}
    judgement = Judgement.NONE
    if weight >= model.automatic and not levels & _NEVER_AUTOMATIC:
        judgement = Judgement.AUTOMATIC
    elif weight >= model.likely and candidate:
        judgement = Judgement.LIKELY
    conflict = judgement is not Judgement.AUTOMATIC and bool(levels & _EXCLUDING)
    return Verdict(judgement, weight, comparisons, conflict)


def _compare(left: Features, right: Features, model: Model) -> list[Comparison]:
    found = []
    for field, compare in COMPARISONS:
        level = compare(left, right)
        if level != MISSING:
            weight = model.weights[field, level]
            found.append(Comparison(field, level, shown(left, field), shown(right, field), weight))
    return found
