"""Virtual time: one clock for the hub, its connectors and the simulators, moved by hand and by whoever sleeps."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

import time_machine

from connectors.kit.clock import SYSTEM

DAWN = datetime(2026, 3, 2, 6, tzinfo=UTC)


class VirtualTime:
    """The present. Nothing passes by itself."""

    def __init__(self, traveller: time_machine.Traveller) -> None:
        self._traveller = traveller

    def now(self) -> datetime:
        return datetime.now(UTC)

    def move_to(self, moment: datetime) -> None:
        self._traveller.move_to(moment)

    def sleep(self, seconds: float) -> None:
        self._traveller.shift(timedelta(seconds=max(0.0, seconds)))

    def monotonic(self) -> float:
        return (self.now() - DAWN).total_seconds()


@contextmanager
def virtual_time(start: datetime = DAWN) -> Iterator[VirtualTime]:
    """From here on nobody in this process reads the real clock, but for the database's own."""
    with time_machine.travel(start, tick=False) as traveller:
        clock = VirtualTime(traveller)
        with patch.object(SYSTEM, "sleep", clock.sleep), patch.object(SYSTEM, "monotonic", clock.monotonic):
            yield clock
