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
    barred = links.barred()
    groups: dict[object, list[Entry]] = {}
    said: list[tuple[Features, frozenset[int]]] = []
    for entry in sorted(entries, key=lambda one: one.key):
        held = frozenset(key.hash for key in keys_of(entry.features))
        keys = held - popular
        features = entry.features if keys == held else without_popular(entry.features, popular)
        label = (features, barred.get(entry.birth_id)) if keys else entry.key
        if label not in groups:
            said.append((features, keys))
        groups.setdefault(label, []).append(entry)
    return [Node(tuple(members), *one) for members, one in zip(groups.values(), said, strict=True)]
