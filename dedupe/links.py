"""Human decisions as links between records: must be one person, cannot be one person."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

Pair = tuple[str, str]
"""Two birth ids, the smaller first."""


class Link(StrEnum):
    MUST = "must"
    CANNOT = "cannot"


@dataclass(frozen=True, slots=True)
class Links:
    """The links in force. `must` is newest first: where two cannot both hold, the newer one is kept."""

    must: tuple[Pair, ...] = ()
    cannot: frozenset[Pair] = field(default_factory=frozenset)

    def barred(self) -> dict[str, frozenset[str]]:
        """Whom each record cannot be: only records with equal features and equal bars may be folded into one."""
        others: dict[str, set[str]] = defaultdict(set)
        for left, right in self.cannot:
            others[left].add(right)
            others[right].add(left)
        return {birth_id: frozenset(found) for birth_id, found in others.items()}


def pair_of(left: str, right: str) -> Pair:
    return (left, right) if left < right else (right, left)


def links_in_force(decided: Iterable[tuple[int, str, str, str]]) -> Links:
    """Build links from rows of (decision number, left, right, link); the newest decision on the same pair wins."""
    newest: dict[Pair, tuple[int, str]] = {}
    for number, left, right, link in decided:
        pair = pair_of(left, right)
        newest[pair] = max(newest.get(pair, (-1, "")), (number, link))
    must = [(number, pair) for pair, (number, link) in newest.items() if link == Link.MUST]
    must.sort(key=lambda one: (-one[0], one[1]))
    cannot = frozenset(pair for pair, (_, link) in newest.items() if link == Link.CANNOT)
    return Links(tuple(pair for _, pair in must), cannot)
