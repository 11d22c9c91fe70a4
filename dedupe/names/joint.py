"""The table from the levels of a name's parts to the level of the whole name. Nothing here sees a name."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

PartLevels = tuple[str, str, str, str, str, str, str]

DOMAINS: Mapping[str, tuple[str, ...]] = {
    "first": ("missing", "same", "nickname", "initial", "similar", "other"),
    "last": ("missing", "same", "similar", "part", "other"),
    "crossed": ("no", "both", "first", "last"),
    "middle": ("missing", "same", "other", "joined", "given", "family"),
    "suffix": ("missing", "same", "one", "other"),
    "partner": ("no", "partner"),
    "organisation": ("no", "same", "other", "one"),
}
"""The part levels that there are, each with its usual value first; the arguments of `joint`, in their order."""

JOINT_LEVELS = (
    "missing",
    "same",
    "nickname",
    "initial",
    "similar",
    "swapped",
    "middle",
    "part",
    "partner",
    "first only",
    "last only",
    "same first, other last",
    "other first, same last",
    "other middle",
    "suffix",
    "other suffix",
    "other",
    "organisation same",
    "organisation other",
)

_BY_FIRST_AND_LAST = {
    # first: last missing, same, similar, part, other
    "missing": ("missing", "last only", "last only", "missing", "other"),
    "same": ("first only", "same", "similar", "part", "same first, other last"),
    "nickname": ("first only", "nickname", "similar", "part", "other"),
    "initial": ("missing", "initial", "initial", "last only", "other"),
    "similar": ("first only", "similar", "similar", "part", "other"),
    "other": ("other", "other first, same last", "other first, same last", "other", "other"),
}
_OF_ORGANISATIONS = {"same": "organisation same", "other": "organisation other", "one": "missing"}

_UNEXPLAINED = frozenset(("missing", "other", "other first, same last", "same first, other last"))
"""Where another order of the words, or the other of a couple, may still explain the difference."""

_ONE_PERSON = frozenset(("same", "nickname", "initial", "similar", "swapped", "middle"))
_PERHAPS_ONE_PERSON = _ONE_PERSON | {"part", "other middle"}


@cache
def joint(
    first: str,
    last: str,
    crossed: str = "no",
    middle: str = "missing",
    suffix: str = "missing",
    partner: str = "no",
    organisation: str = "no",
) -> str:
    """The level of the whole name, one of `JOINT_LEVELS`, for part levels of `DOMAINS`."""
    if organisation != "no":
        return _OF_ORGANISATIONS[organisation]
    if middle == "joined":
        first = "same"
    if middle == "family" and last in ("other", "similar"):
        last = "part"
    level = _BY_FIRST_AND_LAST[first][DOMAINS["last"].index(last)]
    if level in _UNEXPLAINED:
        level = _explained(level, last, crossed, middle, partner)
    return _with_suffix(_with_middle(level, middle), suffix)


def _explained(level: str, last: str, crossed: str, middle: str, partner: str) -> str:
    if last == "same" and middle == "given":
        return "middle"
    if last == "same" and partner == "partner":
        return "partner"
    return {"no": level, "both": "swapped", "first": "first only", "last": "last only"}[crossed]


def _with_middle(level: str, middle: str) -> str:
    """Two other middle names are two people; an initial and an equal middle name are a first name."""
    if middle == "other" and level in ("same", "nickname"):
        return "other middle"
    return "nickname" if middle == "same" and level == "initial" else level


def _with_suffix(level: str, suffix: str) -> str:
    if suffix == "other" and level in _PERHAPS_ONE_PERSON:
        return "other suffix"
    return "suffix" if suffix == "one" and level in _ONE_PERSON else level
