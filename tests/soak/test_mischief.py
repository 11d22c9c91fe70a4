"""The plan of blows: one seed gives one plan, the shortest soak has all kinds of them, a long one has all."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.soak.mischief import plan


def test_a_quarter_of_an_hour_has_every_blow() -> None:
    counts = Counter(one.kind for one in plan(7, 15))
    assert counts == {"redis": 5, "postgres stopped": 1, "postgres killed": 1, "child": 1, "worker": 1}


def test_three_minutes_have_all_kinds() -> None:
    counts = Counter(one.kind for one in plan(7, 3))
    assert counts == {"redis": 2, "postgres stopped": 1, "child": 1, "worker": 1}


@pytest.mark.parametrize("minutes", [1, 3, 15])
def test_blows_come_one_after_the_other_and_before_the_end(minutes: float) -> None:
    for seed in range(50):
        times = [one.after for one in plan(seed, minutes)]
        assert times == sorted(times)
        assert times[0] > 0
        assert times[-1] < minutes * 60


def test_a_seed_is_a_plan() -> None:
    assert plan(7, 15) == plan(7, 15)
    assert len({tuple(one.kind for one in plan(seed, 15)) for seed in range(9)}) > 1
