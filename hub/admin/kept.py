"""Values that are costly to find out, kept for a moment: however many ask, each is found out once."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from threading import Lock, Thread
from typing import Any, Generic, TypeVar

log = logging.getLogger("hub.admin")

T = TypeVar("T")


class Kept(Generic[T]):
    """A value that is at most `seconds` old. Who asks while it is found out waits for it."""

    def __init__(self, seconds: float, find: Callable[..., T]) -> None:
        self._seconds = seconds
        self._find = find
        self._lock = Lock()
        self._found: tuple[float, T] | None = None

    def __call__(self, *given: Any) -> T:
        """`given`: what `find` takes, where it is called for that."""
        with self._lock:
            if self._found is None or time.monotonic() - self._found[0] >= self._seconds:
                self._found = (time.monotonic(), self._find(*given))
            return self._found[1]


class KeptBehind(Generic[T]):
    """A value that nobody waits for but the first: when it is older than `seconds`, it is found out anew meanwhile."""

    def __init__(self, seconds: float, find: Callable[[], T]) -> None:
        self._seconds = seconds
        self._find = find
        self._lock = Lock()
        self._found: tuple[float, T] | None = None
        self._busy = False

    def __call__(self) -> tuple[T, float]:
        """The value, and how many seconds old it is."""
        with self._lock:
            if self._found is None:
                self._found = (time.monotonic(), self._find())
            at, value = self._found
            age = time.monotonic() - at
            if age >= self._seconds and not self._busy:
                self._busy = True
                Thread(target=self._anew, name="counting", daemon=True).start()
        return value, age

    def _anew(self) -> None:
        try:
            at = time.monotonic()
            self._found = (at, self._find())
        except Exception as error:  # the database may be gone; whoever asks sees how old the value is
            log.warning("counting waits for the next who looks: %s", type(error).__name__)
        finally:
            self._busy = False
