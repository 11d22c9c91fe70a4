"""How often a token may ask, and how many expensive questions are answered at once, in this process."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from hub.admin.api.problems import Refused

BURST = 100
"""Requests that a token may send at once."""

PER_SECOND = 20.0
SEARCHES = 4
SEARCH_PATIENCE_SECONDS = 1.0


@dataclass(slots=True)
class _Bucket:
    left: float
    at: float


@dataclass(frozen=True, slots=True)
class Limits:
    """Buckets by token: there are only as many as there are valid tokens. `clock` gives seconds that never go back."""

    clock: Callable[[], float] = time.monotonic
    _buckets: dict[str, _Bucket] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _searches: threading.BoundedSemaphore = field(default_factory=lambda: threading.BoundedSemaphore(SEARCHES))

    def take(self, name: str) -> None:
        """Count one request. Raises Refused with the seconds to wait."""
        now = self.clock()
        with self._lock:
            bucket = self._buckets.setdefault(name, _Bucket(BURST, now))
            bucket.left = min(BURST, bucket.left + (now - bucket.at) * PER_SECOND)
            bucket.at = now
            if bucket.left < 1:
                raise Refused(429, headers={"Retry-After": str(math.ceil((1 - bucket.left) / PER_SECOND))})
            bucket.left -= 1

    @contextmanager
    def searching(self) -> Iterator[None]:
        """Hold one of the few places for searches; whoever finds none within a second is sent away."""
        if not self._searches.acquire(timeout=SEARCH_PATIENCE_SECONDS):
            raise Refused(429, "Very many search now: try again in a second.", "busy", {"Retry-After": "1"})
        try:
            yield
        finally:
            self._searches.release()
