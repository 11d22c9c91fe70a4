"""The resolver's answer: by record its contact and component, the judged pairs worth keeping, questions for people.

All in rows of the population, so that it is the same work for a handful of records and for a million.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dedupe.engine.clusters import components_of
from dedupe.engine.coding import Hashes, Mask
from dedupe.engine.judging import Judged, judge
from dedupe.engine.pairs import Pairs, pairs_of
from dedupe.engine.population import Population
from dedupe.engine.resolving import NO_ROWS, Decided, Resolved, resolve
from dedupe.engine.table import Rows
from dedupe.engine.verdicts import APART, AUTOMATIC, LIKELY, MERGED, NONE, judgements_of, levels_read, levels_told
from dedupe.engine.weights import Model
from dedupe.links import Link, Links, Seen
from dedupe.musts import Pair, join_musts

Codes = NDArray[np.int8]

KINDS = ("conflict", "possible_match", "ambiguous", "oversized", "reopened")
"""What a question is about: two who match but exclude each other, or are asked to be one though another decision
forbids it; two who may be one; one who matches two that exclude each other; a component that was cut; a decision that
no longer fits what the records say."""

CONFLICT, POSSIBLE_MATCH, AMBIGUOUS, OVERSIZED, REOPENED = range(len(KINDS))


@dataclass(frozen=True, slots=True)
class Edges:
    """Judged pairs of rows, the smaller first; `judgements` are places in JUDGEMENTS."""

    pairs: Pairs
    judgements: Codes
    weights: NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Questions:
    """Pairs of rows that a person is asked about, each once; `kinds` are places in KINDS.

    `news`: by place, what has changed since a person decided.
    """

    pairs: Pairs
    kinds: Codes
    weights: NDArray[np.int32]
    news: Mapping[int, str]


@dataclass(frozen=True, slots=True)
class Partition:
    """By row: the row whose birth id the contact wears, and the oldest row of the component."""

    anchors: Rows
    components: Rows
    edges: Edges
    questions: Questions


def partition(people: Population, popular: Hashes, links: Links, model: Model, likely: bool = False) -> Partition:
    """Resolve records that form whole components. `popular`: the keys that join nobody, sorted.

    `likely`: as if the review band were merged.
    """
    return settle(people, popular, links, model, likely).partition()


def settle(people: Population, popular: Hashes, links: Links, model: Model, likely: bool = False) -> Settled:
    """As `partition`, for those who want to know more of it."""
    said = _Said.of(people, links)
    return Settled(people, resolve(people.ready, popular, model, said.decided(len(people)), likely), said, model)


@dataclass(frozen=True, slots=True)
class _Said:
    """The decisions about the records at hand, as pairs of rows; `must` newest first."""

    must: list[Pair]
    cannot: list[Pair]
    seen: list[tuple[Pair, Link, Seen]]

    @classmethod
    def of(cls, people: Population, links: Links) -> _Said:
        named = {birth_id for pair in (*links.must, *links.cannot) for birth_id in pair}
        place = {birth_id: row for row, birth_id in enumerate(people.birth_ids) if birth_id in named} if named else {}
        must, cannot = _placed(links.must, place), _placed(sorted(links.cannot), place)
        seen = [
            (_ordered(place[left], place[right]), Link.CANNOT if (left, right) in links.cannot else Link.MUST, then)
            for (left, right), then in sorted(links.seen.items())
            if left in place and right in place
        ]
        return cls(must, cannot, seen)

    def decided(self, size: int) -> Decided:
        return Decided(_pairs(self.must, size), _pairs(self.cannot, size))


def _placed(pairs: Iterable[tuple[str, str]], place: Mapping[str, int]) -> list[Pair]:
    """Pairs of birth ids as pairs of rows, of those that are here, in the order given."""
    here = ((place[left], place[right]) for left, right in pairs if left in place and right in place)
    return list(dict.fromkeys(_ordered(a, b) for a, b in here if a != b))


def _ordered(one: int, other: int) -> Pair:
    return (one, other) if one < other else (other, one)


def _pairs(pairs: Sequence[Pair], size: int) -> Pairs:
    return pairs_of(np.array([left * size + right for left, right in pairs], np.int64), size)


class Settled:
    """Joins what people have decided, and turns rows of nodes into rows of records."""

    def __init__(self, people: Population, found: Resolved, said: _Said, model: Model) -> None:
        self.people, self.found, self.said, self.model = people, found, said, model
        self.nodes, self.judged = found.nodes, found.judged
        self.must, self.cannot = self._of_nodes(said.must), self._of_nodes(said.cannot)
        self.aside = np.zeros(len(self.nodes.firsts), np.bool_)
        self.aside[list(found.clusters.aside)] = True
        self.judgements = self._judgements()
        self.labels, self.refused = self._labels()

    def partition(self) -> Partition:
        roots = self.found.clusters.components if not self.must else self._components()
        return Partition(self._oldest(self.labels), self._oldest(roots), self._edges(), self._questions())

    def _of_nodes(self, pairs: Iterable[Pair]) -> list[Pair]:
        of = self.nodes.of
        found = ((int(of[a]), int(of[b])) for a, b in pairs)
        return list(dict.fromkeys(_ordered(a, b) for a, b in found if a != b))

    def _judgements(self) -> Codes:
        found = judgements_of(self.judged, self.model)
        pairs = self.judged.pairs
        found[(found == AUTOMATIC) & (self.aside[pairs.left] | self.aside[pairs.right])] = LIKELY
        found[self._are(self.must)] = MERGED
        found[self._are(self.cannot)] = APART
        return found

    def _are(self, pairs: Sequence[Pair]) -> Mask:
        """Which judged pairs are among these."""
        size = len(self.nodes.firsts)
        return np.isin(self.judged.pairs.codes(size), _pairs(pairs, size).codes(size))

    def _labels(self) -> tuple[Rows, list[Pair]]:
        """By node the first node of its contact; and the merges that another decision forbids."""
        labels, refused = self._joined(self.found.clusters.labels, self.must)
        labels, _ = self._joined(labels, self._no_longer_ambiguous(labels))
        return labels, refused

    def _joined(self, labels: Rows, must: Sequence[Pair]) -> tuple[Rows, list[Pair]]:
        if not must:
            return labels, []
        homes = np.unique(labels[[node for pair in must for node in pair]])
        groups = [np.flatnonzero(labels == home).tolist() for home in homes.tolist()]
        groups, refused = join_musts(groups, must, frozenset(self.cannot))
        labels = labels.copy()
        for group in groups:
            labels[group] = min(group)
        return labels, refused

    def _no_longer_ambiguous(self, labels: Rows) -> list[Pair]:
        """Links for the nodes set aside whose rivals have since been made one by a person."""
        aside = sorted(self.found.clusters.aside.items())
        return [(one, min(rivals)) for one, rivals in aside if len(np.unique(labels[rivals])) == 1]

    def _components(self) -> Rows:
        """Human merges hold components together too."""
        size, roots = len(self.nodes.firsts), self.found.clusters.components
        codes = [np.arange(size) * size + roots, _pairs(self.must, size).codes(size)]
        return components_of(size, pairs_of(np.concatenate(codes), size))

    def _oldest(self, labels: Rows) -> Rows:
        """By record, the oldest record with its label."""
        rows, ranks = self.people.ages
        own = labels[self.nodes.of]
        first = np.full(len(labels), len(rows), np.int64)
        np.minimum.at(first, own, ranks)
        oldest: Rows = rows[first[own]]
        return oldest

    @property
    def kept(self) -> Rows:
        """The judged pairs of nodes that are worth keeping."""
        return np.flatnonzero(self.judgements != NONE)

    def folded(self) -> Judged:
        """The records of a node, each judged beside the first."""
        firsts = self.nodes.firsts[self.nodes.of]
        others = np.flatnonzero(firsts != np.arange(len(firsts)))
        if not len(others):
            return self.judged.some(others)
        return judge(self.found.table, Pairs(firsts[others], others), self.model, self.model.prior, NO_ROWS)

    def _edges(self) -> Edges:
        kept, beside = self.kept, self.folded()
        firsts, pairs, folds = self.nodes.firsts, self.judged.pairs.some(kept), beside.pairs
        return Edges(
            Pairs(
                np.concatenate((firsts[pairs.left], folds.left)),
                np.concatenate((firsts[pairs.right], folds.right)),
            ),
            np.concatenate((self.judgements[kept], np.full(len(folds), AUTOMATIC, np.int8))),
            np.concatenate((self.judged.weights[kept], beside.weights)),
        )

    def _questions(self) -> Questions:
        """One for every match, likely pair and merge that ended in two contacts; the first of several on one pair."""
        found = [*self._conflicts(), *self._doubts(), *self._cuts()]
        news = self._news()
        pairs = Pairs(
            np.concatenate([*(one.left for one, _, _ in found), [pair[0] for pair, _, _ in news]]).astype(np.int64),
            np.concatenate([*(one.right for one, _, _ in found), [pair[1] for pair, _, _ in news]]).astype(np.int64),
        )
        kinds = np.concatenate([*(kinds for _, kinds, _ in found), np.full(len(news), REOPENED)]).astype(np.int8)
        weights = np.concatenate([*(weights for _, _, weights in found), [one for _, one, _ in news]]).astype(np.int32)
        texts = {len(pairs) - len(news) + at: text for at, (_, _, text) in enumerate(news)}
        return _each_once(Questions(pairs, kinds, weights, texts), len(self.people))

    def _asked(self, pairs: Pairs, kinds: Codes | int) -> tuple[Pairs, Codes, NDArray[np.int32]]:
        """Pairs of nodes as pairs of their first records, with kinds and weights, 0 for those that were not judged."""
        size = len(self.nodes.firsts)
        known, codes = self.judged.pairs.codes(size), pairs.codes(size)
        places = np.searchsorted(known, codes)
        places[places == len(known)] = 0
        weights = np.zeros(len(pairs), np.int32)
        if len(known):
            weights = np.where(known[places] == codes, self.judged.weights[places], 0).astype(np.int32)
        firsts = self.nodes.firsts
        rows = Pairs(firsts[pairs.left], firsts[pairs.right])
        return rows, np.broadcast_to(np.asarray(kinds, np.int8), len(pairs)), weights

    def _conflicts(self) -> Iterator[tuple[Pairs, Codes, NDArray[np.int32]]]:
        """Who match, but the records that each of them belongs with do not; and merges that are forbidden."""
        for pairs in (self.found.clusters.parted, _pairs(self.refused, len(self.nodes.firsts))):
            yield self._asked(self._apart(pairs), CONFLICT)

    def _doubts(self) -> Iterator[tuple[Pairs, Codes, NDArray[np.int32]]]:
        doubtful = np.flatnonzero(self.judgements == LIKELY)
        pairs = self.judged.pairs.some(doubtful)
        aside = self.aside[pairs.left] | self.aside[pairs.right]
        kinds = np.where(self.judged.conflict[doubtful], CONFLICT, POSSIBLE_MATCH)
        kinds[aside] = AMBIGUOUS
        settled = np.zeros(len(self.aside), np.bool_)
        settled[[node for pair in self.must for node in pair]] = True
        settled &= self.aside
        told = aside & (settled[pairs.left] | settled[pairs.right])
        open_ = ~told & (self.labels[pairs.left] != self.labels[pairs.right])
        yield self._asked(pairs.some(open_), kinds[open_].astype(np.int8))

    def _apart(self, pairs: Pairs) -> Pairs:
        return pairs.some(self.labels[pairs.left] != self.labels[pairs.right])

    def _cuts(self) -> Iterator[tuple[Pairs, Codes, NDArray[np.int32]]]:
        """By the first and the last node of a component that was over the limit."""
        for first in self.found.clusters.cut:
            crowd = np.flatnonzero(self.found.clusters.components == first)
            yield self._asked(Pairs(crowd[:1], crowd[-1:]), OVERSIZED)

    def _news(self) -> list[tuple[Pair, int, str]]:
        """Decisions that what the records say now speaks against, though it did not when they were made."""
        if not self.said.seen:
            return []
        size = len(self.people)
        pairs = _pairs([pair for pair, _, _ in self.said.seen], size)
        judged = judge(self.found.table, pairs, self.model, self.model.prior, NO_ROWS)
        place = {code: at for at, code in enumerate(pairs.codes(size).tolist())}
        found = []
        for pair, link, then in self.said.seen:
            at = place[pair[0] * size + pair[1]]
            weight, levels = int(judged.weights[at]), levels_told(judged.levels[at])
            if levels != then and _is_against(link, weight, then, self.model):
                found.append((pair, weight, _changes(then, levels)))
        return found


def _is_against(link: Link, weight: int, then: Seen, model: Model) -> bool:
    before = int(model.weigh(levels_read(then))[0]) + model.prior
    if link is Link.CANNOT:
        return weight >= model.automatic and weight > before
    return weight < model.likely and weight < before


def _changes(then: Mapping[str, str], now: Mapping[str, str]) -> str:
    names = [name for name in {**then, **now} if then.get(name) != now.get(name)]
    return "; ".join(f"{name}: {then.get(name, 'missing')} → {now.get(name, 'missing')}" for name in names)


def _each_once(found: Questions, size: int) -> Questions:
    _, firsts = np.unique(found.pairs.codes(size), return_index=True)
    news = {at: found.news[first] for at, first in enumerate(firsts.tolist()) if first in found.news}
    return Questions(found.pairs.some(firsts), found.kinds[firsts], found.weights[firsts], news)
