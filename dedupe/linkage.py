"""Average linkage inside one component: groups of nodes are joined while their average pair weight allows it.

A method of hierarchical clustering (Sokal and Michener 1958, UPGMA) in which pairs that exclude each other are never
brought together. Order-free: nodes come in stable order, weights are integers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from itertools import combinations

Index = int


@dataclass(frozen=True, slots=True)
class Pairing:
    """What is known between two groups: the sum of all pair weights, whether any pair matches or excludes."""

    weight: int
    matches: bool
    excludes: bool

    def __add__(self, other: Pairing) -> Pairing:
        return Pairing(self.weight + other.weight, self.matches or other.matches, self.excludes or other.excludes)


Groups = dict[Index, list[Index]]
"""The members of each group, by its first node."""

Between = dict[tuple[Index, Index], Pairing]
"""What is known between each two groups, the smaller first."""


@dataclass(slots=True)
class Linkage:
    """`groups` are the clusters as lists of node indexes; `apart` the matching pairs that no group brought together."""

    groups: list[list[Index]]
    apart: list[tuple[Index, Index]]


def link_averages(size: int, pairing: Callable[[Index, Index], Pairing], floor: int) -> Linkage:
    """Cluster nodes 0…size-1. `floor` is the least average weight that a join may have.

    Averages are compared in whole thousandths of a bit; among equals the pair that is first in stable order is joined.
    """
    between = {pair: pairing(*pair) for pair in combinations(range(size), 2)}
    matching = [pair for pair, known in between.items() if known.matches]
    groups = {index: [index] for index in range(size)}
    waiting = [(-known.weight, *pair) for pair, known in between.items() if _may_join(known, known.weight, floor)]
    heapify(waiting)
    while waiting:
        negated, a, b = heappop(waiting)
        if (a, b) not in between or between[a, b].excludes or _average(groups, between, a, b) != -negated:
            continue
        _join(groups, between, a, b)
        for pair in (_pair(a, other) for other in groups if other != a):
            average = _average(groups, between, *pair)
            if _may_join(between[pair], average, floor):
                heappush(waiting, (-average, *pair))
    home = {index: group for group, members in groups.items() for index in members}
    return Linkage(list(groups.values()), [(a, b) for a, b in matching if home[a] != home[b]])


def _may_join(known: Pairing, average: int, floor: int) -> bool:
    return known.matches and not known.excludes and average >= floor


def _average(groups: Groups, between: Between, a: Index, b: Index) -> int:
    return between[a, b].weight // (len(groups[a]) * len(groups[b]))


def _join(groups: Groups, between: Between, a: Index, b: Index) -> None:
    groups[a] = sorted(groups[a] + groups.pop(b))
    del between[a, b]
    for other in groups:
        if other != a:
            between[_pair(a, other)] += between.pop(_pair(b, other))


def _pair(a: Index, b: Index) -> tuple[Index, Index]:
    return (a, b) if a < b else (b, a)
