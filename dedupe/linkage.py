"""Average linkage inside one component: groups of nodes are joined while their average pair weight allows it.

A method of hierarchical clustering (Sokal and Michener 1958, UPGMA) in which pairs that exclude each other are never
brought together. Order-free: nodes come in stable order, weights are integers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from heapq import heapify, heappop, heappush

Index = int

Pair = tuple[Index, Index]
"""Two nodes or groups, the smaller first."""

Pairing = tuple[int, bool, bool]
"""What is known between two groups: the sum of all pair weights, whether any pair matches, whether any excludes.

A plain tuple, because a great many are made.
"""

Groups = dict[Index, list[Index]]
"""The members of each group, by its first node."""

Between = dict[Pair, Pairing]


@dataclass(slots=True)
class Linkage:
    """`groups` are the clusters as lists of node indexes; `apart` the matching pairs that no group brought together."""

    groups: list[list[Index]]
    apart: list[Pair]


def link_averages(size: int, known: Mapping[Pair, Pairing], floor: int) -> Linkage:
    """Cluster nodes 0…size-1, `known` being every pair of them. `floor` is the least average weight of a join.

    Averages are compared in whole thousandths of a bit; among equals the pair that is first in stable order is joined.
    """
    between = dict(known)
    groups = {index: [index] for index in range(size)}
    waiting = [
        (-weight, *pair)
        for pair, (weight, matches, excludes) in known.items()
        if matches and not excludes and weight >= floor
    ]
    heapify(waiting)
    while waiting:
        negated, a, b = heappop(waiting)
        if (a, b) not in between or between[a, b][2] or _average(groups, between, a, b) != -negated:
            continue
        _join(groups, between, a, b)
        for other in groups:
            if other != a:
                _wait(waiting, groups, between, _pair(a, other), floor)
    home = {index: group for group, members in groups.items() for index in members}
    apart = [(a, b) for (a, b), (_, matches, _) in known.items() if matches and home[a] != home[b]]
    return Linkage(list(groups.values()), apart)


def _wait(waiting: list[tuple[int, Index, Index]], groups: Groups, between: Between, pair: Pair, floor: int) -> None:
    _, matches, excludes = between[pair]
    if matches and not excludes and (average := _average(groups, between, *pair)) >= floor:
        heappush(waiting, (-average, *pair))


def _average(groups: Groups, between: Between, a: Index, b: Index) -> int:
    return between[a, b][0] // (len(groups[a]) * len(groups[b]))


def _join(groups: Groups, between: Between, a: Index, b: Index) -> None:
    groups[a] = sorted(groups[a] + groups.pop(b))
    del between[a, b]
    for other in groups:
        if other != a:
            pair = _pair(a, other)
            one, two = between[pair], between.pop(_pair(b, other))
            between[pair] = (one[0] + two[0], one[1] or two[1], one[2] or two[2])


def _pair(a: Index, b: Index) -> Pair:
    return (a, b) if a < b else (b, a)
