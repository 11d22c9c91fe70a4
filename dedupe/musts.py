"""Human merges: whole clusters are joined, newest decision first, unless a human 'cannot' stands between them."""

from __future__ import annotations

from collections.abc import Sequence, Set

Pair = tuple[int, int]


def join_musts(
    groups: Sequence[Sequence[int]], must: Sequence[Pair], cannot: Set[Pair]
) -> tuple[list[list[int]], list[Pair]]:
    """Join groups of node indexes along must-links, which come newest first.

    Returns the groups, and the links that could not hold because a cannot-link beats a chain of must-links.
    """
    home = {index: number for number, group in enumerate(groups) for index in group}
    members = {number: list(group) for number, group in enumerate(groups)}
    refused: list[Pair] = []
    for a, b in must:
        left, right = sorted((home[a], home[b]))
        if left == right:
            continue
        if any((min(x, y), max(x, y)) in cannot for x in members[left] for y in members[right]):
            refused.append((a, b))
            continue
        for index in members[right]:
            home[index] = left
        members[left] += members.pop(right)
    return [sorted(members[number]) for number in sorted(members)], refused
