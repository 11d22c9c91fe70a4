"""What resolving did to contacts: which came to be, which were taken up by others, which were split off."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field


@dataclass(slots=True)
class Resolved:
    """What resolving did: records looked at, contacts that came to be, were merged into others, or split off."""

    records: int = 0
    created: int = 0
    merged: int = 0
    split: int = 0

    def __iadd__(self, other: Resolved) -> Resolved:
        self.records += other.records
        self.created += other.created
        self.merged += other.merged
        self.split += other.split
        return self


@dataclass(slots=True)
class Moves:
    """`moved`: the contacts that have other records than before."""

    moved: set[str] = field(default_factory=set)
    created: int = 0
    merged: int = 0
    split: int = 0


def moves(before: Mapping[int, str], now: Mapping[int, str]) -> Moves:
    """Compare contacts by record id before and after."""
    came_from: dict[str, bool] = defaultdict(bool)
    for one, home in now.items():
        came_from[home] |= one in before
    old = set(before.values())
    new = came_from.keys() - old
    split = sum(came_from[contact] for contact in new)
    moved = {contact for one, contact in before.items() if now.get(one) != contact}
    moved |= {contact for one, contact in now.items() if before.get(one) != contact}
    taken_up = {contact for one, contact in before.items() if one in now} - came_from.keys()
    return Moves(moved, created=len(new) - split, merged=len(taken_up), split=split)


def heirs(before: Mapping[int, str], alive: Iterable[tuple[int, str]]) -> dict[int, str]:
    """By record that is gone, the birth id of the oldest that is left of the contact it had before.

    `alive`: record ids with their birth ids, the oldest first.
    """
    left: dict[str, str] = {}
    here = set()
    for one, birth_id in alive:
        here.add(one)
        if one in before:
            left.setdefault(before[one], birth_id)
    return {one: left[home] for one, home in before.items() if one not in here and home in left}
