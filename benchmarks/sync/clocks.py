"""Wall and processor time of named parts of a program, each without the parts inside it, in any thread."""

from __future__ import annotations

import functools
import importlib
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch


@dataclass
class Clocks:
    """`taken`: name to wall and CPU seconds. CPU is that of the thread which ran the part, not of its children."""

    taken: dict[str, dict[str, float]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _local: threading.local = field(default_factory=threading.local)

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        inside = self._inside()
        inside.append([0.0, 0.0])
        wall, cpu = time.perf_counter(), time.thread_time()
        try:
            yield
        finally:
            wall, cpu = time.perf_counter() - wall, time.thread_time() - cpu
            others = inside.pop()
            if inside:
                inside[-1][0] += wall
                inside[-1][1] += cpu
            self._add(name, wall - others[0], cpu - others[1])

    def watching(self, parts: dict[str, tuple[str, ...]]) -> ExitStack:
        """Time these functions ("module:name" or "module:Class.name") while the context is open.

        Raises AttributeError for one that is not there: then the table of parts is out of date.
        """
        stack = ExitStack()
        for name, places in parts.items():
            for place in places:
                stack.enter_context(_replaced(place, functools.partial(self._timed, name)))
        return stack

    def _timed(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def timed(*args: Any, **kwargs: Any) -> Any:
            with self.part(name):
                found = function(*args, **kwargs)
            return self._each(name, found) if isinstance(found, Iterator) else found

        return timed

    def _each(self, name: str, found: Iterator[Any]) -> Iterator[Any]:
        while True:
            with self.part(name):
                try:
                    one = next(found)
                except StopIteration:
                    return
            yield one

    def _inside(self) -> list[list[float]]:
        if not hasattr(self._local, "inside"):
            self._local.inside = []
        inside: list[list[float]] = self._local.inside
        return inside

    def _add(self, name: str, wall: float, cpu: float) -> None:
        with self._lock:
            before = self.taken.setdefault(name, {"wall_seconds": 0.0, "cpu_seconds": 0.0})
            before["wall_seconds"] += wall
            before["cpu_seconds"] += cpu


def _replaced(place: str, by: Callable[[Callable[..., Any]], Callable[..., Any]]) -> Any:
    module, _, path = place.partition(":")
    owner: Any = importlib.import_module(module)
    *above, name = path.split(".")
    for one in above:
        owner = getattr(owner, one)
    return patch.object(owner, name, by(getattr(owner, name)))
