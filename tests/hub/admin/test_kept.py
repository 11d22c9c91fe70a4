"""What is costly to count is counted once, and nobody waits for it but the first."""

from __future__ import annotations

import threading
import time
from itertools import count

from hub.admin.kept import Kept, KeptBehind


def test_however_many_ask_it_is_found_out_once() -> None:
    numbers = count()
    kept = Kept(60, lambda: next(numbers))
    assert [kept(), kept(), kept()] == [0, 0, 0]


def test_what_is_old_is_given_with_its_age_while_it_is_found_out_anew() -> None:
    numbers, may_go_on = count(), threading.Event()

    def find() -> int:
        number = next(numbers)
        assert number == 0 or may_go_on.wait(5)
        return number

    kept = KeptBehind(0.01, find)
    assert kept()[0] == 0
    time.sleep(0.02)
    value, age = kept()
    assert value == 0
    assert age >= 0.02
    assert kept()[0] == 0
    may_go_on.set()
    until = time.monotonic() + 5
    while kept()[0] == 0 and time.monotonic() < until:
        time.sleep(0.005)
    assert kept()[0] >= 1


def test_a_count_that_fails_leaves_the_old_one_and_is_tried_again() -> None:
    answers, failed = [7], count(1)
    tries = 0

    def find() -> int:
        nonlocal tries
        tries = tries if answers else next(failed)
        return answers.pop()

    kept = KeptBehind(0.0, find)
    until = time.monotonic() + 5
    while tries < 2 and time.monotonic() < until:
        assert kept()[0] == 7
        time.sleep(0.005)
    assert tries >= 2
