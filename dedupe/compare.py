"""Comparisons: each looks at one side of two records and gives a level of agreement, or None where one is silent."""

from __future__ import annotations

from collections.abc import Callable, Set
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from dedupe.features import Features
from dedupe.nicknames import forms_of

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
    if not left.identifiers or not right.identifiers:
        return MISSING
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
    last = _last_names(left.last, right.last)
    if last == "other":
        return "same first, other last" if left.first and left.first == right.first else "other"
    level = _NAME_LEVELS[_first_names(left.first, right.first), last]
    if level in _ONE_PERSON and left.suffix != right.suffix and {left.suffix, right.suffix} & _GENERATIONS:
        return "one suffix"
    return level


_ONE_PERSON = {"same", "similar first, same last"}
_GENERATIONS = {"jr", "sr", "junior", "senior", "ii", "iii", "iv"}


_NAME_LEVELS = {
    ("same", "same"): "same",
    ("similar", "same"): "similar first, same last",
    ("other", "same"): "other first, same last",
    (MISSING, "same"): "same last only",
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


@lru_cache(maxsize=65_536)
def _similar(left: str, right: str) -> bool:
    """An initial, a nickname, a short form or one typo, but not two names that only their endings tell apart."""
    if min(len(left), len(right)) == 1:
        return left[0] == right[0]
    return right in forms_of(left) or _is_cut_short(left, right) or _is_misspelt(left, right)


def _is_cut_short(left: str, right: str) -> bool:
    shared = _shared(left, right)
    return 3 <= shared == min(len(left), len(right)) and not _differ_in_ending(left, right)


def _is_misspelt(left: str, right: str) -> bool:
    """Anthnoy for Anthony or for Tony."""
    pairs = [(left, right), *((left, form) for form in forms_of(right)), *((form, right) for form in forms_of(left))]
    return any(one_typo(*pair) and not _differ_in_ending(*pair) for pair in pairs)


_ENDINGS = {"a", "e", "i", "o", "ia", "ina", "ine", "la", "le", "ella", "elle", "etta", "ette"}


def _differ_in_ending(left: str, right: str) -> bool:
    """Robert and Roberta, Andrew and Andrea, Maria and Mario: often one household, hardly ever one person."""
    start = _shared(left, right)
    return start >= 4 and bool({left[start:], right[start:]} & _ENDINGS)


def one_typo(left: str, right: str) -> bool:
    """One letter more, less or other in words of at least five letters; two neighbours swapped already in four."""
    shorter = min(len(left), len(right))
    if shorter < 4 or abs(len(left) - len(right)) > 1 or (left[0] != right[0] and left[-1] != right[-1]):
        return False
    start = _shared(left, right)
    a, b = left[start:], right[start:]
    if a[:2] == b[1::-1] and a[2:] == b[2:]:
        return True
    return shorter >= 5 and (a[1:] == b[1:] or a == b[1:] or a[1:] == b)


def _shared(left: str, right: str) -> int:
    """How many letters the two have in common from the start."""
    return next((at for at, (a, b) in enumerate(zip(left, right, strict=False)) if a != b), min(len(left), len(right)))


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
