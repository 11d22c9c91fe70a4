"""Average linkage inside one component: groups of nodes are joined while their average pair weight allows it.

A method of hierarchical clustering (Sokal and Michener 1958, UPGMA) in which pairs that exclude each other are never
brought together. Order-free: nodes come in stable order, weights are integers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

Index = int


@dataclass(slots=True)
class Pairing:
    """What is known between two groups: the sum of all pair weights, whether any pair matches or excludes."""

    weight: int
    matches: bool
    excludes: bool

    def add(self, other: Pairing) -> None:
        self.weight += other.weight
        self.matches |= other.matches
        self.excludes |= other.excludes


@dataclass(slots=True)
class Linkage:
    """`groups` are the clusters as lists of node indexes; `refused` the pairs of nodes whose join was excluded."""

    groups: list[list[Index]]
    refused: list[tuple[Index, Index]] = field(default_factory=list)


def link_averages(size: int, pairing: Callable[[Index, Index], Pairing], floor: int) -> Linkage:
    """Cluster nodes 0…size-1. `floor` is the least average weight that a join may have."""
    pairs = {(a, b): pairing(a, b) for a in range(size) for b in range(a + 1, size)}
    matching = [pair for pair, known in pairs.items() if known.matches]
    groups = {index: [index] for index in range(size)}
    between = {pair: Pairing(known.weight, known.matches, known.excludes) for pair, known in pairs.items()}
    while best := _best(groups, between, floor):
        _join(groups, between, *best)
    home = {index: group for group, members in groups.items() for index in members}
    refused = [(a, b) for a, b in matching if home[a] != home[b] and between[_pair(home[a], home[b])].excludes]
    return Linkage([groups[group] for group in sorted(groups)], refused)


def _best(
    groups: dict[Index, list[Index]], between: dict[tuple[Index, Index], Pairing], floor: int
) -> tuple[Index, Index] | None:
    """The join with the highest average; among equals the one first in stable order."""
    best: tuple[Index, Index] | None = None
    best_sum, best_count = 0, 1
    for (a, b), known in between.items():
        count = len(groups[a]) * len(groups[b])
        if not known.matches or known.excludes or known.weight < floor * count:
            continue
        ahead = known.weight * best_count - best_sum * count
        if best is None or ahead > 0 or (ahead == 0 and (a, b) < best):
            best, best_sum, best_count = (a, b), known.weight, count
    return best


def _join(groups: dict[Index, list[Index]], between: dict[tuple[Index, Index], Pairing], a: Index, b: Index) -> None:
    groups[a] = sorted(groups[a] + groups.pop(b))
    del between[a, b]
    for other in groups:
        if other != a:
            between[_pair(a, other)].add(between.pop(_pair(b, other)))


def _pair(a: Index, b: Index) -> tuple[Index, Index]:
    return (a, b) if a < b else (b, a)
