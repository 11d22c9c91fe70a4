"""A part's time is its own: without the parts inside it, in every thread, and item by item where it gives items."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from benchmarks.sync import clocks as module
from benchmarks.sync.clocks import Clocks
from benchmarks.sync.ours import PARTS


def spin(seconds: float) -> None:
    until = time.thread_time() + seconds
    while time.thread_time() < until:
        pass


def test_what_a_part_waits_for_inside_is_not_its_own() -> None:
    clocks = Clocks()
    with clocks.part("pull"):
        spin(0.02)
        with clocks.part("land"):
            spin(0.1)

    assert 0.02 <= clocks.taken["pull"]["cpu_seconds"] < 0.1
    assert clocks.taken["land"]["cpu_seconds"] >= 0.1


def test_two_threads_keep_their_parts_apart_and_their_times_are_added() -> None:
    clocks = Clocks()

    def work() -> None:
        with clocks.part("map"):
            spin(0.05)

    threads = [threading.Thread(target=work) for _ in range(2)]
    with clocks.part("pull"):
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert clocks.taken["map"]["cpu_seconds"] >= 0.1
    assert clocks.taken["pull"]["cpu_seconds"] < 0.05


def test_a_part_that_gives_one_item_after_the_other_is_timed_while_it_makes_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def pages() -> Iterator[int]:
        for page in range(3):
            spin(0.02)
            yield page

    monkeypatch.setattr(module, "vendor", SimpleNamespace(pages=pages), raising=False)
    clocks = Clocks()
    with clocks.watching({"fetch": ("benchmarks.sync.clocks:vendor.pages",)}):
        for _ in module.vendor.pages():  # type: ignore[attr-defined]
            spin(0.05)

    assert 0.06 <= clocks.taken["fetch"]["cpu_seconds"] < 0.12
    assert module.vendor.pages is pages  # type: ignore[attr-defined]


def test_a_stage_that_the_product_calls_by_another_name_now_is_missed() -> None:
    with pytest.raises(AttributeError), Clocks().watching({"land": ("hub.stages.pull:no_such_stage",)}):
        pass


def test_every_stage_of_ours_is_where_the_product_calls_it() -> None:
    with Clocks().watching(PARTS):
        pass
