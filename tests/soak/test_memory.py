"""A process that grows is found, one that only warms up is not."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from tests.soak.memory import Memory, judged, resident


def life(held: Callable[[int], float]) -> list[tuple[float, float]]:
    return [(1000.0 + second, held(second)) for second in range(181)]


def test_a_flat_life_is_flat() -> None:
    verdict = judged("worker", life(lambda second: 100 + second % 2))
    assert verdict.is_flat
    assert abs(verdict.slope) < 0.1


def test_warming_up_is_no_growth() -> None:
    assert judged("worker", life(lambda second: 50 + min(second, 60))).is_flat


@pytest.mark.parametrize(("mb_a_second", "is_flat"), [(0.1, True), (0.5, False)])
def test_growth_is_told_by_its_slope_and_fails_above_a_tenth_and_five_mb(mb_a_second: float, is_flat: bool) -> None:
    verdict = judged("worker", life(lambda second: 100 + mb_a_second * second))
    assert verdict.slope == pytest.approx(60 * mb_a_second)
    assert verdict.is_flat is is_flat


def test_only_a_life_that_lasted_is_judged() -> None:
    memory = Memory()
    for second in range(100):
        alive = {"old": os.getpid()} if second < 50 else {"old": os.getpid(), "young": os.getppid()}
        memory.sample(float(second), alive)
    assert [verdict.name for verdict in memory.verdicts()] == ["old"]


def test_memory_of_this_process_is_some_and_of_one_that_is_gone_none() -> None:
    assert (resident(os.getpid()) or 0) > 5
    assert resident(2**22 + 1) is None
