"""Clusters, against average linkage as the book has it, and what is set aside or cut."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dedupe.engine.clusters import Band, Clusters, cluster, components_of
from dedupe.engine.judging import Judged
from dedupe.engine.levels import COMPARISONS
from dedupe.engine.pairs import Pairs, pairs_of
from tests.dedupe.cast import unhurried

Pair = tuple[int, int]

STRICT = Band(threshold=4, floor=2, strict=True)
LAX = Band(threshold=4, floor=2, strict=False)
NO_LIMIT = 99


@dataclass
class Town:
    """What would be found of every pair of some rows, `found` being the pairs that are judged beforehand."""

    size: int
    weights: dict[Pair, int] = field(default_factory=dict)
    conflict: set[Pair] = field(default_factory=set)
    hard: set[Pair] = field(default_factory=set)
    found: set[Pair] = field(default_factory=set)

    def judge(self, pairs: Pairs) -> Judged:
        every = list(zip(pairs.left.tolist(), pairs.right.tolist(), strict=True))
        return Judged(
            pairs,
            np.zeros((len(every), len(COMPARISONS)), np.uint8),
            np.array([self.weights.get(pair, -9) for pair in every], np.int32),
            np.array([pair in self.conflict | self.hard for pair in every], np.bool_),
            np.array([pair in self.hard for pair in every], np.bool_),
        )

    def cluster(self, band: Band, limit: int = NO_LIMIT, margin: int = 0) -> Clusters:
        codes = np.array([a * self.size + b for a, b in self.found], np.int64)
        return cluster(self.size, self.judge(pairs_of(codes, self.size)), band, limit, margin, self.judge)

    def excluded(self, band: Band) -> set[Pair]:
        return self.conflict | self.hard if band.strict else self.hard

    def matching(self, band: Band) -> set[Pair]:
        return {pair for pair in self.found if self.weights[pair] >= band.threshold} - self.excluded(band)


def town(size: int, *apart: Pair, **weights: int) -> Town:
    """Pairs are written p01=weight; they are found. Those `apart` are in conflict."""
    known = {(int(name[1]), int(name[2])): weight for name, weight in weights.items()}
    return Town(size, known, conflict=set(apart), found=set(known))


@st.composite
def towns(draw: st.DrawFn) -> Town:
    size = draw(st.integers(2, 7))
    pairs = list(combinations(range(size), 2))
    drawn = draw(st.lists(st.integers(-9, 9), min_size=len(pairs), max_size=len(pairs)))
    some = st.frozensets(st.sampled_from(pairs), max_size=3)
    found = draw(st.frozensets(st.sampled_from(pairs)))
    return Town(size, dict(zip(pairs, drawn, strict=True)), set(draw(some)), set(draw(some)), set(found))


def groups(labels: list[int]) -> list[list[int]]:
    return [[row for row, label in enumerate(labels) if label == one] for one in sorted(set(labels))]


def reached(size: int, links: set[Pair]) -> list[list[int]]:
    """Components by hand."""
    home = list(range(size))
    for _ in range(size):
        for a, b in links:
            home[a] = home[b] = min(home[a], home[b])
    return groups(home)


def naive(known: Town, band: Band) -> list[list[int]]:
    """Average linkage inside each component, every average counted anew each time."""
    return sorted(group for rows in reached(known.size, known.matching(band)) for group in _linked(known, band, rows))


def _linked(known: Town, band: Band, rows: list[int]) -> list[list[int]]:
    found = [[row] for row in rows]
    while joins := [one for pair in combinations(found, 2) for one in _joins(known, band, *pair)]:
        _, left, right = min(joins)
        found = sorted([*(one for one in found if one not in (left, right)), sorted(left + right)])
    return found


def _joins(known: Town, band: Band, left: list[int], right: list[int]) -> list[tuple[int, list[int], list[int]]]:
    pairs = [(min(a, b), max(a, b)) for a in left for b in right]
    average = sum(known.weights[pair] for pair in pairs) // len(pairs)
    matches = any(known.weights[pair] >= band.threshold for pair in pairs)
    if known.excluded(band) & set(pairs) or not matches or average < band.floor:
        return []
    return [(-average, left, right)]


@unhurried
@given(known=towns(), band=st.sampled_from([STRICT, LAX]))
def test_the_quick_way_finds_what_the_naive_way_finds(known: Town, band: Band) -> None:
    found = known.cluster(band)
    expected = naive(known, band)
    assert groups(found.labels.tolist()) == expected
    assert groups(found.components.tolist()) == reached(known.size, known.matching(band))
    assert found.cut == []
    assert found.aside == {}


@unhurried
@given(known=towns(), band=st.sampled_from([STRICT, LAX]))
def test_every_match_that_no_cluster_brought_together_is_told(known: Town, band: Band) -> None:
    found = known.cluster(band)
    label = found.labels.tolist()
    parted = set(zip(found.parted.left.tolist(), found.parted.right.tolist(), strict=True))
    assert {pair for pair in known.matching(band) if label[pair[0]] != label[pair[1]]} <= parted
    assert all(known.weights[pair] >= band.threshold and label[pair[0]] != label[pair[1]] for pair in parted)


@unhurried
@given(known=towns(), band=st.sampled_from([STRICT, LAX]), limit=st.integers(1, 4), margin=st.integers(1, 3))
def test_no_cluster_is_larger_than_the_limit_nor_holds_two_who_exclude_each_other(
    known: Town, band: Band, limit: int, margin: int
) -> None:
    found = known.cluster(band, limit, margin)
    members = groups(found.labels.tolist())
    assert max(map(len, members)) <= limit
    assert not known.excluded(band) & {pair for group in members for pair in combinations(group, 2)}
    crowds = [rows for rows in reached(known.size, known.matching(band)) if len(rows) > limit]
    assert [rows[0] for rows in crowds] == sorted(found.cut)


@unhurried
@given(st.integers(1, 30).flatmap(lambda size: st.tuples(st.just(size), _links(size))))
def test_a_component_is_named_after_its_first_row(drawn: tuple[int, set[Pair]]) -> None:
    size, links = drawn
    codes = np.array([a * size + b for a, b in links], np.int64)
    labels = components_of(size, pairs_of(codes, size)).tolist()
    assert groups(labels) == reached(size, links)
    assert all(label == labels.index(label) for label in labels)


def _links(size: int) -> st.SearchStrategy[set[Pair]]:
    pairs = list(combinations(range(size), 2))
    return st.sets(st.sampled_from(pairs)) if pairs else st.just(set())


class TestTheCompanyOneKeeps:
    def test_a_chain_is_one_cluster_while_its_average_allows(self) -> None:
        chain = town(3, p01=9, p12=8)
        assert groups(chain.cluster(STRICT).labels.tolist()) == [[0, 1], [2]]
        chain.weights[0, 2] = 0
        assert groups(chain.cluster(STRICT).labels.tolist()) == [[0, 1, 2]]

    def test_of_two_who_exclude_each_other_the_clearly_better_match_wins(self) -> None:
        found = town(3, (0, 2), p01=9, p12=5, p02=9).cluster(STRICT, margin=3)
        assert groups(found.labels.tolist()) == [[0, 1], [2]]
        assert (found.parted.left.tolist(), found.parted.right.tolist()) == ([1], [2])
        assert found.aside == {}

    def test_between_two_nearly_equal_matches_who_exclude_each_other_nobody_chooses(self) -> None:
        found = town(3, (0, 2), p01=9, p12=7, p02=9).cluster(STRICT, margin=3)
        assert groups(found.labels.tolist()) == [[0], [1], [2]]
        assert found.aside == {1: [0, 2]}

    def test_in_the_review_band_only_what_a_person_has_said_excludes(self) -> None:
        home = town(3, (0, 2), p01=9, p12=7, p02=9)
        assert groups(home.cluster(LAX).labels.tolist()) == [[0, 1, 2]]
        home.hard = {(0, 2)}
        assert groups(home.cluster(LAX).labels.tolist()) == [[0, 1], [2]]

    def test_only_pairs_that_are_not_known_yet_are_judged_and_each_once(self) -> None:
        chain = town(4, p01=9, p12=9, p23=9)
        asked: list[int] = []
        judge: Callable[[Pairs], Judged] = chain.judge

        def listening(pairs: Pairs) -> Judged:
            asked.extend(pairs.codes(4).tolist())
            return judge(pairs)

        known = judge(pairs_of(np.array([1, 6, 11]), 4))
        cluster(4, known, STRICT, NO_LIMIT, 0, listening)
        assert asked == [2, 3, 7]


class TestCrowds:
    def test_above_the_limit_only_ever_stronger_matches_are_left(self) -> None:
        crowd = town(4, p01=9, p12=5, p23=5, p02=5, p13=5, p03=5)
        found = crowd.cluster(STRICT, limit=3, margin=1)
        assert groups(found.labels.tolist()) == [[0, 1], [2], [3]]
        assert groups(found.components.tolist()) == [[0, 1, 2, 3]]
        assert found.cut == [0]

    def test_a_crowd_of_equals_is_cut_to_nothing(self) -> None:
        everyone = dict.fromkeys(combinations(range(5), 2), 9)
        found = Town(5, everyone, found=set(everyone)).cluster(STRICT, limit=4, margin=1)
        assert found.labels.tolist() == list(range(5))

    def test_a_crowd_next_door_does_not_show(self) -> None:
        both = town(6, p01=9, p12=5, p02=5, p03=-9, p45=4)
        assert groups(both.cluster(STRICT, limit=2, margin=1).labels.tolist()) == [[0, 1], [2], [3], [4, 5]]
