"""Limiters let through what the vendor allows and no more."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.kit.ratelimit import Slots, TokenBucket
from connectors.kit.testing import FakeClock


def test_a_burst_leaves_at_once_and_the_rest_at_the_rate() -> None:
    clock = FakeClock()
    bucket = TokenBucket(rate=2, burst=3, clock=clock)
    for _ in range(5):
        bucket.acquire()
    assert clock.slept == [0.5, 0.5]


def test_a_request_dearer_than_the_burst_waits_for_the_difference() -> None:
    clock = FakeClock()
    TokenBucket(rate=50, burst=100, clock=clock).acquire(200)
    assert clock.slept == [2.0]


@pytest.mark.fault("H02")
@given(st.lists(st.tuples(st.floats(0, 10), st.integers(1, 20)), min_size=1, max_size=30))
def test_no_more_than_burst_and_rate_ever_leave(requests: list[tuple[float, int]]) -> None:
    clock = FakeClock()
    bucket = TokenBucket(rate=5, burst=20, clock=clock)
    spent = 0
    for pause, cost in requests:
        clock.sleep(pause)
        bucket.acquire(cost)
        spent += cost
        assert spent <= 20 + 5 * clock.monotonic() + 1e-6


def test_the_third_of_two_slots_waits_for_one_to_come_back() -> None:
    slots, through = Slots(2), threading.Event()
    slots.acquire()
    slots.acquire()

    def take() -> None:
        slots.acquire()
        through.set()

    third = threading.Thread(target=take)
    third.start()
    assert not through.wait(0.05)
    slots.release()
    assert through.wait(5)
    third.join()
