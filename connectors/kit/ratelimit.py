"""Limiters: what a request must get through before it may leave."""

from __future__ import annotations

import threading
from typing import Protocol

from connectors.kit.clock import SYSTEM, Clock


class Limiter(Protocol):
    """Asked before every request, told after it. May be shared by all threads that use one vendor account."""

    def acquire(self, cost: float = 1) -> None:
        """Wait until a request of this cost may leave."""

    def release(self) -> None:
        """The request is over."""


class TokenBucket:
    """At most `burst` at once and `rate` per second in the long run; those who wait leave in the order they came."""

    def __init__(self, rate: float, burst: float, clock: Clock = SYSTEM) -> None:
        self._rate = rate
        self._burst = burst
        self._clock = clock
        self._tokens = burst
        self._at = clock.monotonic()
        self._lock = threading.Lock()

    def acquire(self, cost: float = 1) -> None:
        debt = self._take(cost)
        if debt > 0:
            self._clock.sleep(debt / self._rate)

    def _take(self, cost: float) -> float:
        """Takes the tokens now, below zero if need be; returns how many were missing."""
        with self._lock:
            now = self._clock.monotonic()
            self._tokens = min(self._burst, self._tokens + (now - self._at) * self._rate) - cost
            self._at = now
            return -self._tokens

    def release(self) -> None:
        """Tokens come back with time only."""


class Slots:
    """At most `n` requests under way at a time, whatever they cost."""

    def __init__(self, n: int) -> None:
        self._free = threading.BoundedSemaphore(n)

    def acquire(self, cost: float = 1) -> None:  # noqa: ARG002 - a slot is a slot
        self._free.acquire()

    def release(self) -> None:
        self._free.release()
