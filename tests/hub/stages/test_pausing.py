"""Pieces of work that share a transaction: until nothing is left, and never for long."""

from __future__ import annotations

import time

from hub.stages.pausing import BRIEFLY, for_a_while


def test_pieces_are_done_until_nothing_is_left() -> None:
    left = [200, 200, 7, 0, 1]
    assert for_a_while(lambda: left.pop(0)) == 407
    assert left == [1]
    assert for_a_while(lambda: 0) == 0


def test_work_without_end_is_left_after_some_time_and_all_that_was_done_is_counted() -> None:
    pieces = []

    def work() -> int:
        time.sleep(BRIEFLY / 4)
        pieces.append(2)
        return 2

    assert for_a_while(work) == sum(pieces)
    assert 1 <= len(pieces) <= 4
