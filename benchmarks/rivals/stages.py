"""What each stage of a program costs and how large it grew, measured by the program itself."""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

T = TypeVar("T")


@dataclass
class Stages:
    """CPU and wall seconds of each named piece of work, in order."""

    taken: dict[str, dict[str, float]] = field(default_factory=dict)

    def time(self, name: str, work: Callable[[], T]) -> T:
        cpu, wall = cpu_seconds(), time.perf_counter()
        done = work()
        self.taken[name] = {"cpu_seconds": cpu_seconds() - cpu, "wall_seconds": time.perf_counter() - wall}
        return done

    def total(self, unit: str) -> float:
        return sum(taken[unit] for taken in self.taken.values())


def cpu_seconds() -> float:
    """User and system time of this process and its threads, from its very beginning."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 * 1024 if sys.platform == "darwin" else 1024)
