"""What training goes on: everybody as they are now, and the pairs of whom somebody has said whether they are one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from sqlalchemy import Connection, func, select

from dedupe.engine.coding import Hashes
from dedupe.engine.levels import Level
from dedupe.engine.pairs import pairs_of
from dedupe.engine.population import Population, hashes_from
from dedupe.engine.resolving import Decided, Resolved, resolve
from dedupe.engine.table import Rows
from dedupe.engine.weights import Model
from dedupe.links import Links
from dedupe.links import Pair as BirthPair
from dedupe.training import Labelled
from hub.queries.evaluate import RecordKey
from hub.queries.values import count_open_popular_values
from hub.stages.crowds import popular_keys
from hub.stages.everyone import RESOLVED, population
from hub.stages.reading import all_links, decision_links, decisions

FEWEST = 20
"""Labelled pairs of one person, and of two, below which nothing is learned from them."""


@dataclass(frozen=True, slots=True)
class Everybody:
    """All records that have been resolved, in stable order, and what people have decided about them.

    `keys`: by record id. `decided`: how many decisions are in force. `open_values`: how many popular values nobody
    has said anything of.
    """

    people: Population
    popular: Hashes
    links: Links
    keys: Mapping[int, RecordKey]
    decided: int
    open_values: int


@dataclass(frozen=True, slots=True)
class Lesson:
    """What there is to learn from. `source`: where the labels come from, in words.

    `candidates`: the levels of all pairs. `unused`: how many pairs somebody named that are never compared, or that
    somebody else contradicts.
    """

    way: Literal["decisions", "labels", "em"]
    source: str
    labelled: Labelled
    candidates: Level
    unused: int = 0


def everybody(db: Connection) -> Everybody:
    keys: dict[int, RecordKey] = {}
    in_force = select(func.count(decisions.c.id.distinct())).join(
        decision_links, decision_links.c.decision_id == decisions.c.id
    )
    return Everybody(
        population(_noting(keys, db.execute(RESOLVED))),
        hashes_from(db.execute(select(popular_keys.c.key)).scalars()),
        all_links(db),
        keys,
        db.execute(in_force.where(decisions.c.revoked_at.is_(None))).scalar_one(),
        count_open_popular_values(db),
    )


def _noting(keys: dict[int, RecordKey], rows: Iterable[Any]) -> Iterator[Any]:
    for row in rows:
        keys[row.record_id] = (row.connection, row.stream, row.external_id)
        yield row


def from_decisions(everyone: Everybody, model: Model) -> Lesson:
    """Each pair of which people have said something counts once; of which they have said both, not at all."""
    place = {birth_id: row for row, birth_id in enumerate(everyone.people.birth_ids)}
    must, cannot = (_here(pairs, place) for pairs in (everyone.links.must, sorted(everyone.links.cannot)))
    found = _compared(everyone, cannot, model)
    one, two = _judged(found, must), _judged(found, cannot)
    both = np.intersect1d(one, two)
    one, two = np.setdiff1d(one, both), np.setdiff1d(two, both)
    chosen = np.concatenate((one, two))
    same = np.arange(len(chosen)) < len(one)
    levels = found.judged.levels
    source = f"{everyone.decided} decision{'' if everyone.decided == 1 else 's'}"
    return Lesson("decisions", source, Labelled(levels[chosen], same), levels, len(must) + len(cannot) - len(chosen))


def from_truth(everyone: Everybody, persons: Mapping[RecordKey, str], source: str, model: Model) -> Lesson:
    """`persons`: the person of each record. A pair counts when both of its records are labelled."""
    found = resolve(everyone.people.ready, everyone.popular, model)
    numbers: dict[str, int] = {}
    own = [
        numbers.setdefault(persons[key], len(numbers)) if (key := everyone.keys[one]) in persons else NOBODY
        for one in everyone.people.ids.tolist()
    ]
    of_node = _persons_of_nodes(found, np.array(own, np.int64))
    left, right = of_node[found.judged.pairs.left], of_node[found.judged.pairs.right]
    known = (left != NOBODY) & (right != NOBODY)
    levels = found.judged.levels
    return Lesson("labels", source, Labelled(levels[known], (left == right)[known]), levels)


def without_labels(everyone: Everybody, model: Model) -> Lesson:
    levels = resolve(everyone.people.ready, everyone.popular, model).judged.levels
    return Lesson("em", "", Labelled(levels[:0], np.zeros(0, np.bool_)), levels)


def _compared(everyone: Everybody, cannot: list[tuple[int, int]], model: Model) -> Resolved:
    """As without the decisions, but whoever was parted is compared, and not taken for one beyond doubt."""
    found = resolve(everyone.people.ready, everyone.popular, model)
    size, of = len(everyone.people), found.nodes.of
    inside = [min(pair) * size + max(pair) for pair in cannot if of[pair[0]] == of[pair[1]]]
    if not inside:
        return found
    decided = Decided(cannot=pairs_of(np.array(inside, np.int64), size))
    return resolve(everyone.people.ready, everyone.popular, model, decided)


NOBODY = -1


def _persons_of_nodes(found: Resolved, persons: Rows) -> Rows:
    """By node, the person of its labelled records; nobody where they are of several."""
    size = len(found.nodes.firsts)
    most, least = np.full(size, NOBODY, np.int64), np.full(size, len(persons), np.int64)
    labelled = np.flatnonzero(persons != NOBODY)
    np.maximum.at(most, found.nodes.of[labelled], persons[labelled])
    np.minimum.at(least, found.nodes.of[labelled], persons[labelled])
    return np.where(most == least, most, NOBODY)


def _here(pairs: Iterable[BirthPair], place: Mapping[str, int]) -> list[tuple[int, int]]:
    """As rows, the pairs of which both records are alive."""
    return [(place[left], place[right]) for left, right in pairs if left in place and right in place]


def _judged(found: Resolved, pairs: list[tuple[int, int]]) -> Rows:
    """The places of these pairs among the judged ones, each once; those that share no key have none."""
    nodes = np.sort(found.nodes.of[np.array(pairs, np.int64).reshape(-1, 2)], axis=1)
    size = len(found.nodes.firsts)
    return np.flatnonzero(np.isin(found.judged.pairs.codes(size), nodes[:, 0] * size + nodes[:, 1]))
