"""What a visitor of the demo may break: a hook that `hub demo` passes in, and nobody else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Break:
    """One thing to break. `title` is what a button says, `told` what is to be seen when `act` has done it."""

    name: str
    title: str
    told: str
    act: Callable[[], None]


Breaks = tuple[Break, ...]
