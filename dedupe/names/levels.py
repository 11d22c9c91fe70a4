"""How well two folded words agree: first name with first name, surname with surname, suffix with suffix."""

from __future__ import annotations

import re
from functools import lru_cache

from dedupe.names.frequency import first_class, last_class
from dedupe.names.nicknames import forms_of
from dedupe.names.spelling import one_typo, shared_start, sound_key

_FEMININE = frozenset(
    ("a", "e", "ia", "ie", "ina", "ine", "ita", "na", "ne", "la", "le", "ya", "ella", "elle", "etta", "ette")
)
_MASCULINE = frozenset(("", "o", "os", "e", "i", "io", "us", "y", "is"))
_LEADS = re.compile(
    r"(?:de|dela|delos|delas|del|della|da|dal|do|das|dos|di|du|la|le|van|vander|vanden|von|vom|zu|zum|zur|bin|ibn|ben"
    r"|abu|al|el|ter|ten|san|st|o)"
)
"""What a surname may begin with and still be written without."""


def first_level(left: str, right: str) -> str:
    """missing, same, nickname (forms or spellings of one name), initial, similar (one slip, or cut short) or other."""
    if not left or not right:
        return "missing"
    if left == right:
        return "same"
    return _first_level(left, right) if left < right else _first_level(right, left)


def last_level(left: str, right: str) -> str:
    """missing, same, similar (one slip), part (Smith, Smith-Jones; Cruz, de la Cruz) or other."""
    if not left or not right:
        return "missing"
    if left == right:
        return "same"
    return _last_level(left, right) if left < right else _last_level(right, left)


def suffix_level(left: str, right: str) -> str:
    """missing, same, one (only one side has a generation) or other."""
    if left == right:
        return "same" if left else "missing"
    return "other" if left and right else "one"


@lru_cache(maxsize=262_144)
def _first_level(left: str, right: str) -> str:
    if len(left) == 1 or len(right) == 1:
        return "initial" if left[0] == right[0] else "other"
    if sound_key(left) == sound_key(right):
        return "same"
    if right in forms_of(left):
        return "nickname"
    if are_two_names(left, right):
        return "other"
    return "similar" if _is_similar(left, right) else "other"


def are_two_names(left: str, right: str) -> bool:
    """Robert and Roberta, Maria and Mario: often one household, hardly ever one person. So too Jon and Ron, Tim and
    Jim: a slip that makes another usual name of it is rarer than the other name."""
    return _is_gendered(left, right) or (is_known(left) and is_known(right))


def _is_gendered(left: str, right: str) -> bool:
    start = shared_start(left, right)
    one, other = left[start:], right[start:]
    return start >= 3 and ((one in _FEMININE and other in _MASCULINE) or (other in _FEMININE and one in _MASCULINE))


def is_known(first: str) -> bool:
    """A usual first name, or a form of one."""
    return first_class(first) > 0 or bool(forms_of(first))


def _is_similar(left: str, right: str) -> bool:
    if "-" in left or "-" in right:
        return _is_part_of_double(left, right) or one_typo(left.replace("-", ""), right.replace("-", ""))
    shorter = min(len(left), len(right))
    if 3 <= shorter == shared_start(left, right) or one_typo(left, right, swap_from=4):
        return True
    pairs = [*((left, form) for form in forms_of(right)), *((form, right) for form in forms_of(left))]
    return any(one_typo(*pair) and not _is_gendered(*pair) for pair in pairs)


def _is_part_of_double(left: str, right: str) -> bool:
    """Mary and Mary-Jane; M.-J. and Mary-Jane; but not Mary-Ann and Mary-Jane."""
    one, other = left.split("-"), right.split("-")
    if len(one) == len(other):
        return all(a == b or (min(len(a), len(b)) == 1 and a[0] == b[0]) for a, b in zip(one, other, strict=True))
    return min(len(left), len(right)) >= 3 and (left in other or right in one)


@lru_cache(maxsize=262_144)
def _last_level(left: str, right: str) -> str:
    if sound_key(left) == sound_key(right):
        return "same"
    if _is_part(left, right):
        return "part"
    if left[0] != right[0] and last_class(left) and last_class(right):
        return "other"
    return "similar" if one_typo(left.replace("-", ""), right.replace("-", "")) else "other"


def _is_part(left: str, right: str) -> bool:
    if "-" in left or "-" in right:
        one, other = ({sound_key(part) for part in name.split("-")} for name in (left, right))
        return one <= other or other <= one or sound_key(left) in other or sound_key(right) in one
    shorter, longer = sorted((left, right), key=len)
    lead = longer[: len(longer) - len(shorter)]
    return len(shorter) >= 4 and longer.endswith(shorter) and bool(_LEADS.fullmatch(lead))
