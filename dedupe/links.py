"""Human decisions as links between records: must be one person, cannot be one person."""

from __future__ import annotations

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

    def profile(self, birth_id: str) -> frozenset[tuple[Link, str]]:
        """What is said of one record: records with equal features and equal profiles may be folded into one."""
        said = [(Link.MUST, pair) for pair in self.must if birth_id in pair]
        said += [(Link.CANNOT, pair) for pair in self.cannot if birth_id in pair]
        return frozenset((link, pair[0] if pair[1] == birth_id else pair[1]) for link, pair in said)


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
