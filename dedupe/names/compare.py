"""How well two people's names agree: a level for each part, and one joint level that follows from those by a table.

The joint level is a function of seven part levels and of nothing else, in the order of `DOMAINS`:

| part | of what | when it is not its first value |
|---|---|---|
| first | first × first | |
| last | last × last | |
| crossed | first × the other's last, with the middle names | only where a first equals the other's last |
| middle | middle × middle, and × the other's first and last | only where one of the two has a middle name |
| suffix | suffix × suffix | only where one of the two has a suffix |
| partner | first × the other's partner | only where one of the two has a partner |
| organisation | organisation × organisation | only where one of the two is an organisation |

So a bulk path evaluates `first_level` and `last_level` on distinct pairs of words, the other five on the few pairs that
need them, and looks the joint level up.
"""

from __future__ import annotations

from dedupe.names.form import NameForm
from dedupe.names.joint import DOMAINS, JOINT_LEVELS, PartLevels, joint
from dedupe.names.levels import first_level, last_level, suffix_level

__all__ = [
    "DOMAINS",
    "JOINT_LEVELS",
    "PartLevels",
    "crossed_level",
    "first_level",
    "joint",
    "last_level",
    "middle_level",
    "name_level",
    "organisation_level",
    "part_levels",
    "partner_level",
    "suffix_level",
]


_ALIKE = ("same", "nickname", "similar")


def name_level(left: NameForm, right: NameForm) -> str:
    """How well two names agree as a whole: one of `JOINT_LEVELS`. Symmetric."""
    return joint(*part_levels(left, right))


def part_levels(left: NameForm, right: NameForm) -> PartLevels:
    """The part levels that the joint level follows from, in the order of `DOMAINS`."""
    return (
        first_level(left.first, right.first),
        last_level(left.last, right.last),
        crossed_level(left, right),
        middle_level(left, right),
        suffix_level(left.suffix, right.suffix),
        partner_level(left, right),
        organisation_level(left, right),
    )


def crossed_level(left: NameForm, right: NameForm) -> str:
    """both: first and last names are exchanged; first, last: the only name of one side is the other's first, last."""
    if not (left.first == right.last != "" or left.last == right.first != ""):
        return "no"
    if left.last and right.last and left.first and right.first:
        return "both" if _are_exchanged(left, right) or _are_exchanged(right, left) else "no"
    sides = ((left, right), (right, left))
    if any(not lone.first and lone.last == other.first != "" for lone, other in sides):
        return "first"
    return "last" if any(not lone.last and lone.first == other.last != "" for lone, other in sides) else "no"


def _are_exchanged(left: NameForm, right: NameForm) -> bool:
    """One word equal, the other at least alike. Nguyen Thi Mai, Thi Mai Nguyen: the middle name goes with the given."""
    if left.first != right.last:
        return False
    behind, before = _run(left.middle, left.last), _run(right.first, right.middle)
    return first_level(left.last, right.first) in _ALIKE or behind in (right.first, before) or left.last == before


def middle_level(left: NameForm, right: NameForm) -> str:
    """The most telling of what the middle names show.

    joined: first and middle name of one side are the other's first (Jean Pierre, Jean-Pierre). given: one side's first
    is among the other's middle names. family: one side's last is among the other's middle names, or is made of them
    (Garcia Marquez as one surname). Else same, other (two full ones that nothing makes alike) or missing.
    """
    if not left.middle and not right.middle:
        return "missing"
    if left.first != right.first:
        if _is_joined(left, right) or _is_joined(right, left):
            return "joined"
        if _is_among(left.first, right.middle) or _is_among(right.first, left.middle):
            return "given"
    elif left.last != right.last and (_is_family(left, right) or _is_family(right, left)):
        return "family"
    return _middles(left.middle, right.middle)


def _is_joined(left: NameForm, right: NameForm) -> bool:
    whole = _run(left.first, left.middle)
    return bool(left.middle and left.first) and whole in (_run(right.first), _run(right.first, right.middle))


def _is_family(left: NameForm, right: NameForm) -> bool:
    if not left.middle or not right.last:
        return False
    return _is_among(right.last, left.middle) or _run(left.middle, left.last) == _run(right.last)


def _is_among(name: str, middle: str) -> bool:
    return len(name) > 1 and name in middle.split(" ")


def _middles(left: str, right: str) -> str:
    """same where they share a full name; other only where each is full, because an initial says little."""
    one = [name for name in left.split(" ") if len(name) > 1]
    other = [name for name in right.split(" ") if len(name) > 1]
    levels = {first_level(a, b) for a in one for b in other}
    if not levels:
        return "missing"
    if levels & {"same", "nickname"}:
        return "same"
    return "missing" if "similar" in levels else "other"


def _run(*names: str) -> str:
    return "".join(names).replace(" ", "").replace("-", "")


def partner_level(left: NameForm, right: NameForm) -> str:
    """partner where one side's first name is that of the other side's partner."""
    if not left.partner and not right.partner:
        return "no"
    fits = {first_level(left.first, right.partner), first_level(right.first, left.partner)}
    return "partner" if fits & {"same", "nickname"} else "no"


def organisation_level(left: NameForm, right: NameForm) -> str:
    """no where neither is an organisation; one where one is; same or other where both are."""
    if left.organisation == right.organisation:
        return "same" if left.organisation else "no"
    return "other" if left.organisation and right.organisation else "one"
