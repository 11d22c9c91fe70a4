"""The clock a connector asks, so that a test can be years long and take no time."""

from __future__ import annotations

import time
from datetime import UTC, datetime


class Clock:
    """Wall time for what is compared with a vendor, monotonic time for what is measured."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


SYSTEM = Clock()
