"""Which rows are compared, against what the word says: every two that hold one key."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedupe.engine import pairs as module
from dedupe.engine.pairs import Pairs, all_inside, pairs_of, sharing
from dedupe.engine.runs import runs_of
from tests.dedupe.cast import unhurried

SIZE = 8

Held = list[tuple[int, int]]
"""(key, row)."""

held = st.lists(st.tuples(st.integers(0, 3), st.integers(0, SIZE - 1)), max_size=20)


def told(pairs: Pairs) -> list[tuple[int, int]]:
    return list(zip(pairs.left.tolist(), pairs.right.tolist(), strict=True))


def compared(rows: Held, twins: list[int]) -> list[tuple[int, int]]:
    keys = np.array([key for key, _ in rows], np.uint64)
    holders, runs = np.array([row for _, row in rows], np.int64), runs_of(keys)
    return told(sharing(runs.begins, holders[runs.places], np.array(twins, np.uint64), SIZE))


def by_hand(rows: Held, twins: list[int]) -> list[tuple[int, int]]:
    """The pairs of each key's holders, without those of two twins neither of which is the first of them."""
    found = set()
    for key in {key for key, _ in rows}:
        holders = sorted({row for one, row in rows if one == key})
        first = {twin: next(row for row in holders if twins[row] == twin) for twin in {twins[row] for row in holders}}
        for pair in combinations(holders, 2):
            leaders = [row for row in pair if first[twins[row]] == row]
            if len(leaders) == 2 or (leaders and twins[pair[0]] == twins[pair[1]]):
                found.add(pair)
    return sorted(found)


@unhurried
@given(held)
def test_every_two_that_hold_one_key_are_compared_once_the_smaller_first(rows: Held) -> None:
    everyone_differs = list(range(SIZE))
    expected = sorted({(a, b) for key, a in rows for other, b in rows if key == other and a < b})
    assert compared(rows, everyone_differs) == by_hand(rows, everyone_differs) == expected


@unhurried
@given(rows=held, twins=st.lists(st.integers(0, 3), min_size=SIZE, max_size=SIZE))
def test_of_twins_all_but_the_first_are_compared_with_the_first_alone(rows: Held, twins: list[int]) -> None:
    assert compared(rows, twins) == by_hand(rows, twins)


@unhurried
@given(rows=held, data=st.data())
def test_the_order_of_the_keys_does_not_show(rows: Held, data: st.DataObject) -> None:
    twins = data.draw(st.lists(st.integers(0, 2), min_size=SIZE, max_size=SIZE))
    assert compared(data.draw(st.permutations(rows)), twins) == compared(rows, twins)


@unhurried
@given(rows=held, at_once=st.integers(1, 6), data=st.data())
def test_how_many_holders_are_looked_at_at_once_does_not_show(rows: Held, at_once: int, data: st.DataObject) -> None:
    twins = data.draw(st.lists(st.integers(0, 2), min_size=SIZE, max_size=SIZE))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "AT_ONCE", at_once)
        assert compared(rows, twins) == by_hand(rows, twins)


def test_a_thousand_twins_on_one_key_are_compared_a_thousand_times() -> None:
    keys, rows = np.zeros(1_000, np.uint64), np.arange(1_000)
    runs = runs_of(keys)
    assert len(sharing(runs.begins, rows[runs.places], keys, 1_000)) == 999


@unhurried
@given(st.lists(st.integers(1, 5), max_size=5))
def test_all_pairs_inside_runs_are_those_of_each_run(sizes: list[int]) -> None:
    rows, begins = np.arange(sum(sizes)), np.array([sum(sizes[:at]) for at in range(len(sizes))], np.int64)
    found = [pair for left, right in all_inside(rows, begins) for pair in told(Pairs(left, right))]
    expected = [
        pair
        for begin, size in zip(begins.tolist(), sizes, strict=True)
        for pair in combinations(range(begin, begin + size), 2)
    ]
    assert sorted(found) == expected


def test_codes_stand_for_pairs_without_repeats_and_in_order() -> None:
    pairs = pairs_of(np.array([19, 2, 19, 10]), SIZE)
    assert told(pairs) == [(0, 2), (1, 2), (2, 3)]
    assert pairs.codes(SIZE).tolist() == [2, 10, 19]
    assert told(pairs.some(np.array([True, False, True]))) == [(0, 2), (2, 3)]
