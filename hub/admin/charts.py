"""Charts that the server draws: a series of figures as bars of an SVG, with the table it was made of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

WIDTH = 420
HEIGHT = 84
GAP = 3
LOWEST = 2
"""A figure that is not 0 is seen, however small."""

MOST_BARS = 20


@dataclass(frozen=True, slots=True)
class Bar:
    """In the SVG's own units, y downwards."""

    label: str
    number: int
    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Series:
    """`of` is what the labels are, `unit` what the numbers count; `rows` are all of them, `bars` the first twenty."""

    of: str
    unit: str
    rows: list[tuple[str, int]]

    width = WIDTH
    height = HEIGHT

    @property
    def bars(self) -> list[Bar]:
        drawn = self.rows[:MOST_BARS]
        most = max((number for _, number in drawn), default=0)
        step = WIDTH // max(len(drawn), 7)
        return [_bar(label, number, place * step, step - GAP, most) for place, (label, number) in enumerate(drawn)]

    @property
    def spoken(self) -> str:
        """What the drawing shows, in a sentence for who cannot see it."""
        if not any(number for _, number in self.rows):
            return "nothing yet"
        label, number = max(self.rows, key=lambda row: row[1])
        return f"{sum(number for _, number in self.rows)} {self.unit} in all, most of them {label}: {number}"


def _bar(label: str, number: int, x: int, width: int, most: int) -> Bar:
    height = max(LOWEST, round(HEIGHT * number / most)) if number else 0
    return Bar(label, number, x, HEIGHT - height, width, height)


def by_day(days: Iterable[tuple[date, int]], unit: str) -> Series:
    return Series("day", unit, [(f"{day:%-d %b %Y}", number) for day, number in days])
