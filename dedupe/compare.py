"""Comparisons: each looks at one side of two records and gives a level of agreement, or None where one is silent."""

from __future__ import annotations

from collections.abc import Callable, Set
from dataclasses import dataclass
from datetime import date

from dedupe.features import Features
from dedupe.nicknames import are_forms_of_one_name

MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Comparison:
    """One line of an explanation: what was compared, how well it agrees, what that weighs (thousandths of a bit)."""

    field: str
    level: str
    left: str
    right: str
    weight: int


def same_or_different(left: Set[str], right: Set[str]) -> str:
    """Sets of values agree when they share one."""
    if not left or not right:
        return MISSING
    return "same" if left & right else "different"


def identifiers(left: Features, right: Features) -> str:
    """Typed identifiers contradict each other only within one type: two loyalty numbers, not loyalty and VIP."""
    if left.identifiers & right.identifiers:
        return "same"
    shared_types = {kind for kind, _ in left.identifiers} & {kind for kind, _ in right.identifiers}
    return "different" if shared_types else MISSING


def names(left: Features, right: Features) -> str:
    """First and last name together, because inside one household the last name alone says nothing."""
    if not (left.first or left.last) or not (right.first or right.last):
        return MISSING
    if left.suffix and right.suffix and left.suffix != right.suffix:
        return "other suffix"
    first, last = _first_names(left.first, right.first), _last_names(left.last, right.last)
    return _NAME_LEVELS[first, last]


_NAME_LEVELS = {
    ("same", "same"): "same",
    ("similar", "same"): "similar first, same last",
    ("other", "same"): "other first, same last",
    (MISSING, "same"): "similar first, same last",
    ("same", "other"): "same first, other last",
    ("similar", "other"): "other",
    ("other", "other"): "other",
    (MISSING, "other"): "other",
    ("same", MISSING): "same first only",
    ("similar", MISSING): "same first only",
    ("other", MISSING): "other",
    (MISSING, MISSING): MISSING,
}


def _last_names(left: str, right: str) -> str:
    if not left or not right:
        return MISSING
    return "same" if left == right or one_typo(left, right) else "other"


def _first_names(left: str, right: str) -> str:
    if not left or not right:
        return MISSING
    if left == right:
        return "same"
    return "similar" if _similar(left, right) else "other"


def _similar(left: str, right: str) -> bool:
    """An initial, a short form, a nickname or one typo."""
    short, long = sorted((left, right), key=len)
    if len(short) == 1 or (len(short) >= 3 and long.startswith(short)):
        return long.startswith(short)
    return are_forms_of_one_name(left, right) or one_typo(left, right)


def one_typo(left: str, right: str) -> bool:
    """One letter more, less, other or swapped with its neighbour, in words of at least five letters."""
    if min(len(left), len(right)) < 5 or abs(len(left) - len(right)) > 1:
        return False
    start = 0
    while start < min(len(left), len(right)) and left[start] == right[start]:
        start += 1
    a, b = left[start:], right[start:]
    return a[1:] == b[1:] or a == b[1:] or a[1:] == b or (a[:2] == b[1::-1] and a[2:] == b[2:])


def births(left: date | None, right: date | None) -> str:
    """Dates of birth; 'close' when one digit is wrong or day and month are swapped."""
    if left is None or right is None:
        return MISSING
    if left == right:
        return "same"
    wrong = sum(a != b for a, b in zip(left.isoformat(), right.isoformat(), strict=True))
    swapped = (left.year, left.month, left.day) == (right.year, right.day, right.month)
    return "close" if wrong == 1 or swapped else "different"


COMPARISONS: tuple[tuple[str, Callable[[Features, Features], str]], ...] = (
    ("email", lambda left, right: same_or_different(left.emails, right.emails)),
    ("phone", lambda left, right: same_or_different(left.phones, right.phones)),
    ("identifier", identifiers),
    ("name", names),
    ("birth", lambda left, right: births(left.birth, right.birth)),
)


def shown(features: Features, field: str) -> str:
    """The side of a record that a comparison looked at, for people."""
    match field:
        case "email":
            return ", ".join(sorted(features.emails))
        case "phone":
            return ", ".join(sorted(features.phones))
        case "identifier":
            return ", ".join(f"{kind} {value}" for kind, value in sorted(features.identifiers))
        case "name":
            return " ".join(part for part in (features.first, features.last, features.suffix) if part)
        case _:
            return features.birth.isoformat() if features.birth else ""
