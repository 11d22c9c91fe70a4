"""Fetching ahead: every page in order, errors in their place, and no thread left behind."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from hub.stages.prefetch import AHEAD, Prefetched


def one(_page: int) -> int:
    return 1


def prefetching() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "prefetch"]


@pytest.fixture(autouse=True)
def _no_thread_is_left() -> Iterator[None]:
    yield
    assert prefetching() == []


def test_every_page_comes_in_order() -> None:
    with Prefetched(lambda: iter(range(50)), one) as pages:
        assert list(pages) == list(range(50))


def test_an_error_is_raised_after_the_pages_before_it() -> None:
    def failing() -> Iterator[int]:
        yield from range(10)
        raise ConnectionError("the vendor hung up")

    with Prefetched(failing, one) as pages:
        assert [next(pages) for _ in range(10)] == list(range(10))
        with pytest.raises(ConnectionError, match="hung up"):
            next(pages)


def test_a_source_that_fails_before_its_first_page_is_told() -> None:
    def failing() -> Iterator[int]:
        raise ConnectionError("no way")

    with pytest.raises(ConnectionError, match="no way"), Prefetched(failing, one) as pages:
        next(pages)


def test_it_runs_so_many_records_ahead_and_no_more() -> None:
    """Pages of 400 records: three of them wait, and no other one is asked for."""
    asked: list[int] = []
    is_ahead = threading.Event()

    def endless() -> Iterator[int]:
        for number in range(1_000_000):
            asked.append(number)
            if number == 3:
                is_ahead.set()
            yield number

    with Prefetched(endless, lambda _: 400) as pages:
        assert next(pages) == 0
        assert is_ahead.wait(10)
        assert next(pages) == 1
    assert len(asked) <= 1 + -(-AHEAD // 400) + 1


def test_stopping_half_way_stops_the_source_and_closes_it() -> None:
    closed = threading.Event()

    def endless() -> Iterator[int]:
        try:
            yield from range(1_000_000)
        finally:
            closed.set()

    with Prefetched(endless, one) as pages:
        assert [next(pages) for _ in range(3)] == [0, 1, 2]
    assert closed.wait(10)


def test_an_error_of_the_consumer_stops_the_source_too() -> None:
    def give_up() -> None:
        with Prefetched(lambda: iter(range(1_000_000)), one) as pages:
            next(pages)
            raise KeyError

    with pytest.raises(KeyError):
        give_up()
