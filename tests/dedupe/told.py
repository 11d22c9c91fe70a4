"""The resolver's answer with the records themselves in the place of rows, as tests like to read it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from dedupe.engine.coding import Hashes
from dedupe.engine.partition import KINDS, Edges, partition
from dedupe.engine.population import Entry, population_of
from dedupe.engine.telling import Step, steps
from dedupe.engine.verdicts import JUDGEMENTS
from dedupe.engine.weights import Model
from dedupe.links import Links


@dataclass(frozen=True)
class Cluster:
    contact_id: str
    component: str
    members: tuple[Entry, ...]


@dataclass(frozen=True)
class Asked:
    left: Entry
    right: Entry
    kind: str
    weight: int
    news: str


@dataclass(frozen=True)
class Told:
    clusters: list[Cluster]
    edges: list[Step]
    reviews: list[Asked]


def told(entries: Iterable[Entry], popular: Hashes, links: Links, model: Model, likely: bool = False) -> Told:
    rows = sorted(entries, key=lambda one: one.key)
    found = partition(population_of(rows), popular, links, model, likely)
    groups: dict[int, list[int]] = defaultdict(list)
    for row, anchor in enumerate(found.anchors.tolist()):
        groups[anchor].append(row)
    clusters = [
        Cluster(
            rows[anchor].birth_id,
            rows[int(found.components[anchor])].birth_id,
            tuple(rows[row] for row in members),
        )
        for anchor, members in groups.items()
    ]
    asked = found.questions
    reviews = [
        Asked(rows[left], rows[right], KINDS[kind], weight, asked.news.get(at, ""))
        for at, (left, right, kind, weight) in enumerate(
            zip(
                asked.pairs.left.tolist(),
                asked.pairs.right.tolist(),
                asked.kinds.tolist(),
                asked.weights.tolist(),
                strict=True,
            )
        )
    ]
    judged = list(steps(rows, popular, links, model, likely))
    _same_as_steps(found.edges, judged, rows)
    return Told(clusters, judged, reviews)


def _same_as_steps(edges: Edges, judged: list[Step], rows: list[Entry]) -> None:
    """What is stored of a pair is what is told of it."""
    kept = [
        (rows[left].id, rows[right].id, JUDGEMENTS[judgement], weight)
        for left, right, judgement, weight in zip(
            edges.pairs.left.tolist(),
            edges.pairs.right.tolist(),
            edges.judgements.tolist(),
            edges.weights.tolist(),
            strict=True,
        )
    ]
    assert kept == [(one.left.id, one.right.id, one.verdict.judgement, one.verdict.weight) for one in judged]
