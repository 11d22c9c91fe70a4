"""How common a name is, from static tables that ship with the model: rarity must not depend on the data seen so far."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping

from dedupe.names.data_files import lines_of
from dedupe.names.spelling import sound_key

_CLASSES = ("rare", "uncommon", "common", "very common")
_FROM = (5, 30, 151)
"""Of 100,000 people, from how many on a name is uncommon, common, very common."""


def _table(file_name: str) -> Mapping[str, int]:
    """Counts by name, and by sound for spellings that the file does not have: mueller is as common as muller."""
    counts = {name: int(count) for name, count in lines_of(file_name)}
    by_sound: dict[str, int] = {}
    for name, count in counts.items():
        by_sound[sound_key(name)] = max(count, by_sound.get(sound_key(name), 0))
    return by_sound | counts


_FIRST = _table("first.txt")
_LAST = _table("last.txt")


def first_class(first: str) -> int:
    """How common a folded first name is: 0 rare or unknown, 1 from 5, 2 from 30, 3 from 151 of 100,000 people."""
    return _class(_count(_FIRST, first))


def last_class(last: str) -> int:
    """How common a folded surname is, in the same classes."""
    return _class(_count(_LAST, last))


def told(last: str) -> str:
    """For people: "common surname: about 36 in 40,000"."""
    return _told("surname", _count(_LAST, last))


def told_first(first: str) -> str:
    """For people: "rare first name: fewer than 2 in 40,000"."""
    return _told("first name", _count(_FIRST, first))


def _count(table: Mapping[str, int], name: str) -> int:
    found = table.get(name)
    return found if found is not None else table.get(sound_key(name), 0)


def _class(count: int) -> int:
    return bisect_right(_FROM, count)


def _told(what: str, count: int) -> str:
    kind = _CLASSES[_class(count)]
    if count < _FROM[0]:
        return f"{kind} {what}: fewer than 2 in 40,000"
    return f"{kind} {what}: about {count * 2 // 5} in 40,000"
