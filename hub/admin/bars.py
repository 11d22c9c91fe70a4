"""Drawings that the server makes: the bars of a stream's latest runs, as numbers for an SVG."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log1p
from typing import Any

SLOTS = 14
STEP = 7
WIDTH = 5
HEIGHT = 24
LOWEST = 3


@dataclass(frozen=True, slots=True)
class Bar:
    """One run. `x`, `y`, `height` in the SVG's own units, y downwards."""

    run_id: int
    status: str
    fetched: int
    x: int
    y: int
    height: int


def bars(runs: Sequence[Mapping[str, Any]]) -> list[Bar]:
    """A bar per run, the newest at the right; heights grow with the logarithm, or one full pull would hide the rest."""
    latest = runs[-SLOTS:]
    most = max((run["fetched"] for run in latest), default=0)
    first = SLOTS - len(latest)
    return [_bar(run, first + position, most) for position, run in enumerate(latest)]


def _bar(run: Mapping[str, Any], slot: int, most: int) -> Bar:
    share = log1p(run["fetched"]) / log1p(most) if most else 0.0
    height = LOWEST + round((HEIGHT - LOWEST) * share)
    return Bar(run["id"], run["status"], run["fetched"], slot * STEP, HEIGHT - height, height)
