"""The waterfall of a pair's weight as numbers for an SVG: from the prior, comparison by comparison, to the sum."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hub.admin.words import COMPARED, weight

WIDTH, STEP, HEIGHT = 420, 22, 14
LABELS = 110
"""Units at the left for the words."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One step. `x`, `y`, `width` in the SVG's own units; `kind` is for, against or sum."""

    word: str
    bits: str
    kind: str
    x: float
    y: int
    width: float


@dataclass(frozen=True, slots=True)
class Waterfall:
    bars: Sequence[Bar]
    zero: float
    height: int


def waterfall(prior: float, weighed: Sequence[Any], total: float) -> Waterfall:
    """`weighed` have a field and a weight, in the order in which they are to be drawn."""
    steps: list[tuple[str, float]] = [("before comparing", prior)]
    steps += ((COMPARED.get(one.field, one.field), one.weight) for one in weighed)
    at = 0.0
    ends: list[tuple[str, float, float, float]] = []
    for word, bits in steps:
        ends.append((word, bits, at, at + bits))
        at += bits
    least = min(0.0, total, *(min(start, end) for _, _, start, end in ends))
    most = max(0.0, total, *(max(start, end) for _, _, start, end in ends))
    scale = (WIDTH - LABELS) / (most - least or 1.0)

    def x(bits: float) -> float:
        return round(LABELS + (bits - least) * scale, 1)

    bars = [
        _bar(word, bits, "for" if bits >= 0 else "against", (x(start), x(end)), row)
        for row, (word, bits, start, end) in enumerate(ends)
    ]
    bars.append(_bar("sum", total, "sum", (x(0), x(total)), len(bars)))
    return Waterfall(bars, x(0), len(bars) * STEP)


def _bar(word: str, bits: float, kind: str, ends: tuple[float, float], row: int) -> Bar:
    start, end = sorted(ends)
    return Bar(word, weight(bits), kind, start, row * STEP + (STEP - HEIGHT) // 2, max(1.0, round(end - start, 1)))
