"""Human decisions as links between records: must be one person, cannot be one person."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

Pair = tuple[str, str]
"""Two birth ids, the smaller first."""


class Link(StrEnum):
    MUST = "must"
    CANNOT = "cannot"


Seen = Mapping[str, str]
"""What the records said of a pair when a person decided: by comparison, how well they agreed."""


class Decided(NamedTuple):
    """What a decision says of two records; a higher number is the newer decision."""

    number: int
    left: str
    right: str
    link: str
    seen: Seen | None = None


@dataclass(frozen=True, slots=True)
class Links:
    """The links in force. `must` is newest first: where two cannot both hold, the newer one is kept."""

    must: tuple[Pair, ...] = ()
    cannot: frozenset[Pair] = field(default_factory=frozenset)
    seen: Mapping[Pair, Seen] = field(default_factory=dict)


def pair_of(left: str, right: str) -> Pair:
    return (left, right) if left < right else (right, left)


def said_last(links: Links, said: Iterable[tuple[str, str, Link]]) -> Links:
    """The links in force if these had been decided in one newest decision."""
    newest = {pair_of(left, right): link for left, right, link in sorted(said, key=lambda one: one[2])}
    must = [pair for pair, link in newest.items() if link == Link.MUST]
    cannot = [pair for pair, link in newest.items() if link == Link.CANNOT]
    return Links(
        (*sorted(must), *(pair for pair in links.must if pair not in newest)),
        links.cannot.difference(newest).union(cannot),
        {pair: seen for pair, seen in links.seen.items() if pair not in newest},
    )


def links_in_force(decided: Iterable[tuple[int, str, str, str] | Decided]) -> Links:
    """The newest decision on the same pair wins."""
    newest: dict[Pair, Decided] = {}
    for one in sorted((Decided(*row) for row in decided), key=lambda one: (one.number, one.link)):
        newest[pair_of(one.left, one.right)] = one
    must = [(-one.number, pair) for pair, one in newest.items() if one.link == Link.MUST]
    cannot = frozenset(pair for pair, one in newest.items() if one.link == Link.CANNOT)
    seen = {pair: one.seen for pair, one in newest.items() if one.seen}
    return Links(tuple(pair for _, pair in sorted(must)), cannot, seen)
