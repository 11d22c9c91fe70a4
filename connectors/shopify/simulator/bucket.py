"""The vendor's cost throttle: a bucket of points that fills by the clock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any


class Bucket:
    """Holds up to `maximum` points and gains `restore_rate` of them a second; starts full."""

    def __init__(self, now: Callable[[], datetime], *, maximum: float = 20_000, restore_rate: float = 1_000) -> None:
        self.maximum = maximum
        self.restore_rate = restore_rate
        self._now = now
        self._points = maximum
        self._filled_at = now()

    @property
    def available(self) -> float:
        now = self._now()
        gained = (now - self._filled_at).total_seconds() * self.restore_rate
        self._points = min(self.maximum, self._points + max(0.0, gained))
        self._filled_at = now
        return self._points

    def take(self, points: float) -> bool:
        """Take the points, or nothing and say False when there are too few."""
        if self.available < points:
            return False
        self._points -= points
        return True

    def give_back(self, points: float) -> None:
        self._points = min(self.maximum, self._points + points)

    def drain(self) -> None:
        """Empty the bucket at once, as another app's burst would."""
        self._points, self._filled_at = 0.0, self._now()

    def status(self) -> dict[str, Any]:
        return {
            "maximumAvailable": float(self.maximum),
            "currentlyAvailable": int(self.available),
            "restoreRate": float(self.restore_rate),
        }
