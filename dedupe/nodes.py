"""Folding: records that say exactly the same become one node, so that 200 orders of one guest are compared once."""

from __future__ import annotations

from collections.abc import Iterable, Set
from dataclasses import dataclass

from dedupe.features import Entry, Features
from dedupe.judgement import without_popular
from dedupe.keys import keys_of
from dedupe.links import Links


@dataclass(frozen=True, slots=True)
class Node:
    """One or more records with equal features. `entries` is in stable order; the first stands for all."""

    entries: tuple[Entry, ...]
    features: Features
    keys: frozenset[int]

    @property
    def first(self) -> Entry:
        return self.entries[0]


def fold_nodes(entries: Iterable[Entry], popular: Set[int], links: Links) -> list[Node]:
    """Nodes in stable order. Records without a usable key stay alone: equal names are no reason to fold."""
    linked = {birth_id for pair in (*links.must, *links.cannot) for birth_id in pair}
    groups: dict[object, list[Entry]] = {}
    for entry in sorted(entries, key=lambda one: one.key):
        features = without_popular(entry.features, popular)
        profile = links.profile(entry.birth_id) if entry.birth_id in linked else None
        label = (features, profile) if keys_of(features) else entry.key
        groups.setdefault(label, []).append(entry)
    return [_node(members, popular) for members in groups.values()]


def _node(members: list[Entry], popular: Set[int]) -> Node:
    features = without_popular(members[0].features, popular)
    return Node(tuple(members), features, frozenset(key.hash for key in keys_of(features)))
