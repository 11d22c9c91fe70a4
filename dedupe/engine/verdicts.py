"""Verdicts: what was judged of one pair, comparison by comparison, as it is told to people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from dedupe.engine.coding import WITHIN
from dedupe.engine.judging import Judged
from dedupe.engine.levels import COMPARISONS, Level
from dedupe.engine.table import Table
from dedupe.engine.weights import Model


class Judgement(StrEnum):
    """automatic: merged. likely: a person is asked. none: apart. merged / apart: a person has said so."""

    AUTOMATIC = "automatic"
    LIKELY = "likely"
    NONE = "none"
    MERGED = "merged"
    APART = "apart"


JUDGEMENTS = tuple(Judgement)
"""By number, as `judgements_of` gives them."""

AUTOMATIC, LIKELY, NONE, MERGED, APART = range(len(JUDGEMENTS))


@dataclass(frozen=True, slots=True)
class Comparison:
    """One line of an explanation: what was compared, how well it agrees, what that weighs (thousandths of a bit)."""

    field: str
    level: str
    left: str
    right: str
    weight: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """A judged pair. `conflict` means that the two can hardly be one person."""

    judgement: Judgement
    weight: int
    comparisons: tuple[Comparison, ...]
    conflict: bool = False


def judgements_of(judged: Judged, model: Model) -> NDArray[np.int8]:
    """By judged pair, the number of what its weight alone says."""
    found = np.full(len(judged.weights), NONE, np.int8)
    found[judged.weights >= model.likely] = LIKELY
    found[(judged.weights >= model.automatic) & ~judged.conflict] = AUTOMATIC
    return found


def verdict(table: Table, judged: Judged, at: int, model: Model, judgement: Judgement) -> Verdict:
    """The explanation of one judged pair, made when it is asked for: most pairs are judged and forgotten."""
    left, right = int(judged.pairs.left[at]), int(judged.pairs.right[at])
    context = int(model.context_of[judged.levels[at, 0]])
    told = [
        Comparison(
            name,
            levels[level],
            shown(table, name, left),
            shown(table, name, right),
            int(model.table[context, column, level]),
        )
        for column, (name, levels) in enumerate(COMPARISONS.items())
        if (level := int(judged.levels[at, column])) or model.table[context, column, 0]
    ]
    return Verdict(judgement, int(judged.weights[at]), tuple(told), bool(judged.conflict[at]))


def levels_told(found: Level) -> dict[str, str]:
    """By comparison, the level of one pair where something was compared; it says nothing of the values."""
    named = zip(COMPARISONS.items(), found.tolist(), strict=True)
    return {name: levels[level] for (name, levels), level in named if level}


def levels_read(told: Mapping[str, str]) -> Level:
    """What `levels_told` told, as a row; comparisons and levels that are no more are left out."""
    row = [levels.index(told[name]) if told.get(name) in levels else 0 for name, levels in COMPARISONS.items()]
    return np.array([row], np.uint8)


def shown(table: Table, field_name: str, row: int) -> str:
    """The side of a record that a comparison looked at, for people."""
    if field_name == "birth":
        return str(table.births.values[table.births.ids[row]])
    if field_name == "name":
        return _name(table.names.whole.values[table.names.whole.ids[row]])
    if field_name == "spelling":
        return _name(table.names.whole.values[table.names.whole.ids[row]]) or shown(table, "email", row)
    return ", ".join(
        sorted(" ".join(part for part in value.split(WITHIN) if part) for value in _set(table, field_name, row))
    )


def _set(table: Table, field_name: str, row: int) -> Iterator[str]:
    sets = {
        "email": table.mails.sets,
        "phone": table.phones,
        "identifier": table.identifiers,
        "address": table.places.sets,
        "company": table.companies,
    }[field_name]
    for item in sets.items[sets.starts[row] : sets.starts[row + 1]].tolist():
        yield sets.values[item]


def _name(value: str) -> str:
    """The parts as people write them, the partner of a couple behind "&"."""
    if not value:
        return ""
    first, middle, last, suffix, partner, organisation = value.split(WITHIN)
    one = " ".join(part for part in (first, middle, last, suffix, organisation) if part)
    return f"{one} & {partner}" if partner else one
