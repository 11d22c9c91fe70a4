"""Pins: values that a person chose for golden fields. They win over every rule of survivorship."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from dedupe.survivorship import FIELDS, LISTS, Lost, Survivor, distinct, identity

PINNED = "pinned"
CUSTOM = "custom."


@dataclass(frozen=True, slots=True)
class Pin:
    """The value of a field that one record said when it was pinned; of a list field, the member that comes first."""

    record_id: int
    field: str
    value: Any


def said_of(fields: Mapping[str, Any], field: str) -> Sequence[Any]:
    """What a record's fields say of one golden field: one value, or the members of a list."""
    if field.startswith(CUSTOM):
        value = fields.get("custom", {}).get(field.removeprefix(CUSTOM))
    else:
        value = fields.get(field) if field in FIELDS else None
    if value is None:
        return ()
    return value if isinstance(value, list) else (value,)


def with_pins(found: Mapping[str, Sequence[Survivor]], pins: Iterable[Pin]) -> dict[str, Sequence[Survivor]]:
    """The golden fields with the pinned values in front. Of two pins of one field the later wins."""
    chosen = dict(found)
    for pin in pins:
        others = chosen.get(pin.field, ())
        chosen[pin.field] = _first_of_list(pin, others) if pin.field in LISTS else [_instead(pin, others)]
    return chosen


def _instead(pin: Pin, before: Sequence[Survivor]) -> Survivor:
    lost = [Lost(one.value, one.record_id) for one in before] + [other for one in before for other in one.others]
    return Survivor(pin.value, pin.record_id, PINNED, distinct(one for one in lost if one.value != pin.value))


def _first_of_list(pin: Pin, before: Sequence[Survivor]) -> list[Survivor]:
    same = identity(pin.field, pin.value)
    lost = tuple(other for one in before for other in one.others if identity(pin.field, other.value) != same)
    rest = [replace(one, others=()) for one in before if identity(pin.field, one.value) != same]
    return [Survivor(pin.value, pin.record_id, PINNED, lost), *rest]
