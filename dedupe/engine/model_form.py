"""What the file of a model may say: every fault of one at once, each with its place and what to do about it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from dedupe.engine.levels import COMPARISONS

CONTEXTS = ("named", "another", "unnamed")
"""In what company a level stands: names that may be one person's, first names of two people, or no name to compare.

Inside one household address, phone and family name go together, and so say nothing of two people: hence not one
weight for each level but one in each company (a joint comparison).
"""

HEAVIEST = 50_000
"""The most that anything weighs, either way, in thousandths of a bit: sums of weights stay small numbers."""

_WEIGHT, _CAP, _CROWD = (-HEAVIEST, HEAVIEST), (1, 1_000), (2, 10_000)
_NUMBERS = {
    "prior": _WEIGHT,
    "prior_inside": _WEIGHT,
    "automatic": _WEIGHT,
    "likely": _WEIGHT,
    "floor": _WEIGHT,
    "strong_cap": _CAP,
    "weak_cap": _CAP,
    "margin": (0, HEAVIEST),
    "limit": _CROWD,
}
_LISTS = ("excluding", "another", "unnamed")
_SETTINGS = ("version", *_NUMBERS, *_LISTS, "weights", "contexts")
_LONGEST_VERSION = 80


class Fault(NamedTuple):
    """`at`: the keys that lead to it, the last of which may be missing in the file."""

    at: tuple[str | int, ...]
    message: str
    fix: str = ""


def faults_in(data: Any) -> list[Fault]:
    """What keeps plain data, as read from YAML, from being a model; nothing when it is one."""
    if not isinstance(data, Mapping):
        return [Fault((), "a model is a mapping (key: value) at its top")]
    found = [Fault((key,), f"a model has no setting '{key}'", _one_of(_SETTINGS)) for key in data.keys() - _SETTINGS]
    needed = [key for key in _SETTINGS if key not in data and key != "contexts"]
    found += [
        Fault((key,), f"'{key}' is missing", "begin with a copy of the model that was in force") for key in needed
    ]
    found += _of_settings({key: value for key, value in data.items() if key in _SETTINGS})
    return sorted(found, key=lambda one: [str(part) for part in one.at])


def _of_settings(data: Mapping[str, Any]) -> Iterator[Fault]:
    if "version" in data and not _is_version(data["version"]):
        yield Fault(("version",), f"'version' must be a text of 1 to {_LONGEST_VERSION} characters")
    for name, bounds in _NUMBERS.items():
        if name in data:
            yield from _of_number((name,), data[name], bounds)
    for name in _LISTS:
        if name in data:
            yield from _of_names((name,), data[name])
    if "weights" in data:
        yield from _of_weights(("weights",), data["weights"], whole=True)
    yield from _of_contexts(data.get("contexts", {}))
    yield from _of_order(data)


def _is_version(value: Any) -> bool:
    return isinstance(value, str) and value.isprintable() and 1 <= len(value) <= _LONGEST_VERSION


def _of_number(at: tuple[str | int, ...], value: Any, bounds: tuple[int, int]) -> Iterator[Fault]:
    low, high = bounds
    if isinstance(value, bool) or not isinstance(value, int):
        yield Fault(at, f"'{at[-1]}' must be a whole number", "weights are in thousandths of a bit")
    elif not low <= value <= high:
        yield Fault(at, f"'{at[-1]}' must lie between {low} and {high}")


def _of_names(at: tuple[str | int, ...], value: Any) -> Iterator[Fault]:
    if not isinstance(value, Sequence) or isinstance(value, str):
        yield Fault(at, f"'{at[-1]}' must be a list of levels of the name")
        return
    for place, level in enumerate(value):
        if level not in COMPARISONS["name"]:
            yield Fault((*at, place), "the name has no such level", _one_of(COMPARISONS["name"]))


def _of_contexts(value: Any) -> Iterator[Fault]:
    if not isinstance(value, Mapping):
        yield Fault(("contexts",), "'contexts' must be a mapping of context: weights")
        return
    for context, weights in value.items():
        if context in CONTEXTS:
            yield from _of_weights(("contexts", context), weights, whole=False)
        else:
            yield Fault(("contexts", context), f"there is no context '{context}'", _one_of(CONTEXTS))


def _of_weights(at: tuple[str | int, ...], value: Any, whole: bool) -> Iterator[Fault]:
    """`whole`: every level of every comparison must have its weight there."""
    if not isinstance(value, Mapping):
        yield Fault(at, f"'{at[-1]}' must be a mapping of comparison: weights")
        return
    for name in value.keys() - COMPARISONS.keys():
        yield Fault((*at, name), f"there is no comparison '{name}'", _one_of(tuple(COMPARISONS)))
    for name, levels in COMPARISONS.items():
        if name in value:
            yield from _of_comparison((*at, name), value[name], levels, whole)
        elif whole:
            yield Fault((*at, name), f"the levels of '{name}' have no weight")


def _of_comparison(at: tuple[str | int, ...], value: Any, levels: Sequence[str], whole: bool) -> Iterator[Fault]:
    if not isinstance(value, Mapping):
        yield Fault(at, f"'{at[-1]}' must be a mapping of level: weight")
        return
    for level, weight in value.items():
        if level not in levels:
            yield Fault((*at, level), f"'{at[-1]}' has no level '{level}'", _one_of(levels))
        elif level == levels[0] and at[-1] != "name" and weight != 0:
            yield Fault((*at, level), "what one side does not say must weigh nothing", "write 0, or leave it out")
        else:
            yield from _of_number((*at, level), weight, _WEIGHT)
    for level in [level for level in levels[1:] if whole and level not in value]:
        yield Fault((*at, level), f"the level '{level}' of '{at[-1]}' has no weight")


def _of_order(data: Mapping[str, Any]) -> Iterator[Fault]:
    likely, floor, automatic = (data.get(name) for name in ("likely", "floor", "automatic"))
    if not all(isinstance(one, int) for one in (likely, floor, automatic)):
        return
    if not likely < automatic:  # type: ignore[operator]
        yield Fault(("likely",), "'likely' must lie below 'automatic'")
    if not floor <= automatic:  # type: ignore[operator]
        yield Fault(("floor",), "'floor' must not lie above 'automatic'")


def _one_of(known: Sequence[str]) -> str:
    return f"there are: {'; '.join(known)}"
