"""Where a long stage may be interrupted: between two of its transactions, when all that is left is marked."""

from __future__ import annotations

import time
from collections.abc import Callable

BRIEFLY = 0.1
"""Seconds: a change that comes in meanwhile hardly waits, and a commit costs as much as the work of some of them."""


class Stopped(Exception):
    """Somebody asked to stop; what is left waits by its marks."""


Between = Callable[[], None]
"""What a stage calls after each transaction that worked something off; it may raise Stopped."""


def go_on() -> None:
    """Never stops."""


def for_a_while(work: Callable[[], int]) -> int:
    """Do one piece of work after the other until nothing was left or some time is over; how much they did together."""
    until, done = time.monotonic() + BRIEFLY, 0
    while (some := work()) and time.monotonic() < until:
        done += some
    return done + some
