"""Crash points: the named places at which a test lets a process die as if the power had gone. Off, they do nothing.

`HUB_CRASH_AT=page.committed:3` kills the process by SIGKILL when it comes by that place for the third time.
"""

from __future__ import annotations

import os
import signal
from typing import Literal, get_args

Point = Literal[
    "run.begun",
    "pull.fetched",
    "land.stored",
    "map.stored",
    "consent.noted",
    "cursor.saved",
    "page.committed",
    "pull.finished",
    "run.closing",
    "run.closed",
    "resolve.thought",
    "resolve.stored",
    "generation.filled",
    "generation.switched",
    "golden.stored",
    "consent.resolved",
    "segment.judged",
    "push.leased",
    "outbox.queued",
    "consent.attempted",
    "consent.answered",
    "consent.kept",
    "tags.attempted",
    "tags.answered",
    "tags.kept",
    "queue.filled",
    "queue.claimed",
    "queue.put_back",
    "queue.unrung",
]

POINTS: tuple[str, ...] = get_args(Point)

VARIABLE = "HUB_CRASH_AT"


class Countdown:
    """Counts how often one point is met. Raises ValueError for a point that there is none of."""

    def __init__(self, wanted: str) -> None:
        self.point, _, times = wanted.partition(":")
        if self.point and self.point not in POINTS:
            raise ValueError(f"{VARIABLE} names no crash point: {self.point}. Unset it, or write one of {POINTS}")
        self.left = int(times or 1)

    def met(self) -> None:
        self.left -= 1
        if self.left == 0:
            self.end()

    def end(self) -> None:
        os.kill(os.getpid(), signal.SIGKILL)


countdown = Countdown(os.environ.get(VARIABLE, ""))


def crashpoint(name: Point) -> None:
    """Die here, if this is the place and the time that the environment names."""
    if name == countdown.point:
        countdown.met()
