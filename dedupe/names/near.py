"""Names that differ by more than a slip and may still be one person's, badly misspelt."""

from __future__ import annotations

from rapidfuzz.distance import JaroWinkler

from dedupe.names.compare import name_level
from dedupe.names.form import NameForm
from dedupe.names.levels import are_two_names

LIKENESS = 0.82
"""Likeness of two names (Jaro and Winkler) from which on one may be the other."""

UNLIKE = frozenset(("other", "same first, other last", "other first, same last"))
"""Levels in whose place a name may be near."""


def name_or_near(left: NameForm, right: NameForm) -> str:
    """The level of two names, or "near"; of an organisation and a person always "organisation other"."""
    if bool(left.organisation) != bool(right.organisation) and _is_somebody(left) and _is_somebody(right):
        return "organisation other"
    level = name_level(left, right)
    return "near" if level in UNLIKE and _is_near(left, right) else level


def _is_somebody(form: NameForm) -> bool:
    return bool(form.first or form.last or form.organisation)


def _is_near(left: NameForm, right: NameForm) -> bool:
    """Both parts are alike, in this order or the other, and the first names are not simply two names."""
    if not (left.first and left.last and right.first and right.last) or are_two_names(left.first, right.first):
        return False
    if _alike(left.first, right.first) and _alike(left.last, right.last):
        return True
    return _alike(left.first, right.last) and _alike(left.last, right.first)


def _alike(one: str, other: str) -> bool:
    return bool(JaroWinkler.similarity(one, other, score_cutoff=LIKENESS) > 0)
