"""A value that is costly to find out, kept for a moment: however many ask, it is found out once."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")


class Kept(Generic[T]):
    """A value that is at most `seconds` old. Who asks while it is found out waits for it."""

    def __init__(self, seconds: float, find: Callable[[], T]) -> None:
        self._seconds = seconds
        self._find = find
        self._lock = Lock()
        self._found: tuple[float, T] | None = None

    def __call__(self) -> T:
        with self._lock:
            if self._found is None or time.monotonic() - self._found[0] >= self._seconds:
                self._found = (time.monotonic(), self._find())
            return self._found[1]
