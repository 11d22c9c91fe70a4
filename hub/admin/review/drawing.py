"""The records of a cluster as a drawing: numbers on a circle, lines between those that are joined, bridges dashed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, pi, sin

from hub.queries.review_cluster import Cluster

MOST = 16
"""More records than this are a table only."""

RADIUS, MARGIN = 90, 20
SIZE = 2 * (RADIUS + MARGIN)


@dataclass(frozen=True, slots=True)
class Spot:
    """A record: its number in the table, and its middle. `second`: it is of the second contact."""

    number: int
    x: float
    y: float
    second: bool


@dataclass(frozen=True, slots=True)
class Stroke:
    """A line; `kind` is bridge, hand or joined."""

    x1: float
    y1: float
    x2: float
    y2: float
    kind: str


@dataclass(frozen=True, slots=True)
class Drawing:
    spots: Sequence[Spot]
    strokes: Sequence[Stroke]
    size: int = SIZE


def drawing(found: Cluster) -> Drawing | None:
    """None where there are too many records to be told apart in it."""
    if len(found.members) > MOST:
        return None
    places = {one.record_id: _place(at, len(found.members)) for at, one in enumerate(found.members)}
    spots = [
        Spot(at + 1, *places[one.record_id], one.contact_id != found.contacts[0])
        for at, one in enumerate(found.members)
    ]
    strokes = [
        Stroke(*places[tie.left], *places[tie.right], "bridge" if tie.beyond else "hand" if tie.by_hand else "joined")
        for tie in found.ties
    ]
    return Drawing(spots, strokes)


def _place(at: int, count: int) -> tuple[float, float]:
    angle = 2 * pi * at / count - pi / 2
    return round(RADIUS + MARGIN + RADIUS * cos(angle), 1), round(RADIUS + MARGIN + RADIUS * sin(angle), 1)
