"""What a reviewer may choose of two records that say different things: whose value wins, and what the field is then."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dedupe.pins import Pin, said_of, with_pins
from dedupe.survivorship import SINGLE, Survivor, identity

LEFT, RIGHT = "left", "right"

CHOOSABLE = frozenset({*SINGLE, "emails", "phones", "addresses"})
"""Of identifiers and tags none is better than the others."""

KEYS = "123456789"
"""Of the fields of a pair that can be chosen, in their order."""

Said = tuple[int, Mapping[str, Any]]
"""A record by its id, and what it says."""


def outcomes(golden: Mapping[str, Sequence[Survivor]], field: str, left: Said, right: Said) -> dict[str, list[Any]]:
    """By side, what the golden field would be with that record's value first. Nothing where the two say the same."""
    if not may_choose(field, left[1], right[1]):
        return {}
    pins = {
        LEFT: Pin(left[0], field, value_of(field, left[1], right[1])),
        RIGHT: Pin(right[0], field, value_of(field, right[1], left[1])),
    }
    return {side: [one.value for one in with_pins(golden, [pin])[field]] for side, pin in pins.items()}


def may_choose(field: str, left: Mapping[str, Any], right: Mapping[str, Any]) -> bool:
    """Whether two records say different things of a field."""
    if field not in CHOOSABLE or not said_of(left, field) or not said_of(right, field):
        return False
    return bool(value_of(field, left, right) != value_of(field, right, left))


def value_of(field: str, own: Mapping[str, Any], other: Mapping[str, Any]) -> Any:
    """What a record stands for: of a list the first member that the other one has not, else its first."""
    others = {identity(field, one) for one in said_of(other, field)}
    said = said_of(own, field)
    return next((one for one in said if identity(field, one) not in others), said[0])
