"""Draws measures as one SVG text: the precision-recall curve, and the weights of pairs of one person and of two.

Law: equal figures give equal text. Nothing is told by colour alone, and the text says what the picture shows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from dedupe.evaluate import STEP, Bin, Point, best, from_weight

STYLE = """
svg { font: 13px system-ui, sans-serif }
svg { --paper: #fff; --ink: #222; --faint: #767676; --same: #0b62a8; --other: #b3500a }
@media (prefers-color-scheme: dark) {
  svg { --paper: #16181b; --ink: #e8e8e8; --faint: #9a9a9a; --same: #6cb4f0; --other: #f0a060 }
}
.paper { fill: var(--paper) } text { fill: var(--ink) } .head { font-weight: 600 }
.axis, .mark { stroke: var(--ink); fill: none } .grid { stroke: var(--faint); stroke-opacity: .4 }
.curve { stroke: var(--same); stroke-width: 2; fill: none } .dashed { stroke-dasharray: 5 4 }
.same { fill: var(--same) } .other { fill: var(--other) } .point { fill: var(--ink) }
.ring { fill: var(--paper); stroke: var(--ink); stroke-width: 2 }
"""

NOTHING = "No judged pair joins two of the labelled records."
TICK_BITS = (1, 2, 5, 10, 20, 50, 100)
MOST_TICKS = 10
LINE_HEIGHT = 14


@dataclass(frozen=True, slots=True)
class Thresholds:
    """In thousandths of a bit: from `automatic` on pairs are merged, from `likely` on a person is asked."""

    automatic: int
    likely: int


@dataclass(frozen=True, slots=True)
class _Frame:
    """A drawing area on the page, and the numbers that its four sides stand for."""

    left: float
    right: float
    top: float
    bottom: float
    low_x: float
    high_x: float
    low_y: float
    high_y: float

    def x(self, value: float) -> float:
        return self.left + (value - self.low_x) / (self.high_x - self.low_x) * (self.right - self.left)

    def y(self, value: float) -> float:
        return self.bottom - (value - self.low_y) / (self.high_y - self.low_y) * (self.bottom - self.top)

    def at(self, x: float, y: float) -> str:
        return f"{self.x(x):.1f},{self.y(y):.1f}"


def picture(points: Sequence[Point], bins: Sequence[Bin], thresholds: Thresholds, title: str) -> str:
    """A whole SVG document. `title` may be any text; what cannot be shown is left out of it."""
    shown = escape("".join(char for char in title if char.isprintable()))
    lines = [
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1000 460" role="img" aria-labelledby="title desc">',
        f'<title id="title">{shown}</title>',
        f'<desc id="desc">{escape(" ".join(_told(points, bins, thresholds)))}</desc>',
        f"<style>{STYLE}</style>",
        '<rect class="paper" width="1000" height="460"/>',
        _text(500, 24, shown, "middle", "head"),
        *_curve(points, thresholds),
        *_weights(bins, thresholds),
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _told(points: Sequence[Point], bins: Sequence[Bin], thresholds: Thresholds) -> Iterator[str]:
    """The picture in words, for who cannot see it."""
    found = best(points)
    if found is None:
        yield NOTHING
        return
    same, other = sum(one.same for one in bins), sum(one.other for one in bins)
    yield f"{same} judged pairs are of one person, {other} of two."
    for words, weight in (("merged", thresholds.automatic), ("asked about", thresholds.likely)):
        if point := from_weight(points, weight):
            yield f"From {_bits(weight)} bits on, where pairs are {words}: {_rates(point)}."
        else:
            yield f"No pair has the {_bits(weight)} bits from which pairs are {words}."
    yield f"The best F1 is from {_bits(found.weight)} bits on: {_rates(found)}."


def _rates(point: Point) -> str:
    return f"precision {point.pairs.precision:.1%}, recall {point.pairs.recall:.1%}, F1 {point.pairs.f1:.1%}"


def _bits(weight: int) -> str:
    return f"{weight / 1000:.1f}"


def _curve(points: Sequence[Point], thresholds: Thresholds) -> Iterator[str]:
    """Precision over recall; a filled point where pairs are merged, a ring from where a person is asked."""
    frame = _Frame(80, 440, 90, 360, 0, 100, 0, 100)
    yield _text(80, 58, "How sure, and how much is found", "start", "head")
    for share in range(0, 101, 25):
        yield _line(frame.left, frame.y(share), frame.right, frame.y(share), "grid")
        yield _text(frame.left - 8, frame.y(share) + 4, f"{share} %", "end")
        yield _text(frame.x(share), frame.bottom + 20, f"{share} %", "middle")
    yield from _axes(frame, "Found of the pairs that are one person (recall)", "True of the pairs found (precision)")
    if not points:
        yield _text(260, 225, NOTHING, "middle")
        return
    way = " ".join(frame.at(one.pairs.recall * 100, one.pairs.precision * 100) for one in points)
    yield f'<polyline class="curve" points="{way}"/>'
    marks = (("point", thresholds.automatic, "merged"), ("ring", thresholds.likely, "asked"))
    for row, (shape, weight, words) in enumerate(marks):
        if point := from_weight(points, weight):
            yield _circle(frame.x(point.pairs.recall * 100), frame.y(point.pairs.precision * 100), shape)
            yield _circle(90 + 180 * row, 434, shape)
            yield _text(102 + 180 * row, 438, f"{words} from {_bits(weight)} bits", "start")


def _weights(bins: Sequence[Bin], thresholds: Thresholds) -> Iterator[str]:
    """Pairs of one person upwards, pairs of two downwards, on one scale; the thresholds as upright lines."""
    ends = [
        thresholds.automatic,
        thresholds.likely,
        *(edge for one in bins for edge in (one.weight, one.weight + STEP)),
    ]
    low, high = min(ends), max(*ends, min(ends) + STEP)
    same, other = max((one.same for one in bins), default=0), max((one.other for one in bins), default=0)
    frame = _Frame(580, 960, 90, 360, low, high, -other, max(same, 1 - other))
    yield _text(580, 58, "How pairs weigh", "start", "head")
    for weight in _ticks(low, high):
        yield _text(frame.x(weight), frame.bottom + 20, str(weight // 1000), "middle")
    for count in _readable(frame, [same, -other, 0]):
        yield _text(frame.left - 8, frame.y(count) + 4, str(abs(count)), "end")
    yield from _axes(frame, "Weight of a pair in bits", "Number of pairs")
    for one in bins:
        yield from _bars(frame, one)
    yield _line(frame.left, frame.y(0), frame.right, frame.y(0), "axis")
    yield _text(frame.left, 438, "▲ pairs of one person", "start", "same")
    yield _text(frame.right, 438, "▼ pairs of two people", "end", "other")
    yield from _threshold(frame, thresholds.automatic, "merged", 86)
    yield from _threshold(frame, thresholds.likely, "asked", 72)


def _readable(frame: _Frame, counts: Sequence[int]) -> list[int]:
    """Without those that would be written over an earlier one."""
    kept: list[int] = []
    for count in counts:
        if all(abs(frame.y(count) - frame.y(other)) >= LINE_HEIGHT for other in kept):
            kept.append(count)
    return kept


def _bars(frame: _Frame, one: Bin) -> Iterator[str]:
    for count, side in ((one.same, "same"), (-one.other, "other")):
        if count:
            top, bottom = frame.y(max(count, 0)), frame.y(min(count, 0))
            left, right = frame.x(one.weight), frame.x(one.weight + STEP)
            sizes = f'x="{left:.1f}" y="{top:.1f}" width="{right - left:.1f}" height="{bottom - top:.1f}"'
            yield f'<rect class="{side}" {sizes}/>'


def _threshold(frame: _Frame, weight: int, words: str, y: float) -> Iterator[str]:
    x = frame.x(weight)
    yield _line(x, y + 3, x, frame.bottom, "mark" if words == "merged" else "mark dashed")
    aside, anchor = (4, "start") if x < (frame.left + frame.right) / 2 else (-4, "end")
    yield _text(x + aside, y, f"{words} from {_bits(weight)} bits", anchor)


def _ticks(low: int, high: int) -> range:
    """Whole bits in the range, as close as they can be read, in thousandths of a bit."""
    wide = next((bits for bits in TICK_BITS if (high - low) / (1000 * bits) <= MOST_TICKS), high - low)
    step = 1000 * wide
    return range(-(-low // step) * step, high + 1, step)


def _axes(frame: _Frame, below: str, beside: str) -> Iterator[str]:
    corners = f"{frame.left},{frame.top} {frame.left},{frame.bottom} {frame.right},{frame.bottom}"
    yield f'<polyline class="axis" points="{corners}"/>'
    middle = (frame.top + frame.bottom) / 2
    yield _text((frame.left + frame.right) / 2, frame.bottom + 40, below, "middle")
    turned = f'transform="translate({frame.left - 55:.1f},{middle:.1f}) rotate(-90)"'
    yield f'<text {turned} text-anchor="middle">{beside}</text>'


def _line(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    return f'<line class="{kind}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def _circle(x: float, y: float, kind: str) -> str:
    return f'<circle class="{kind}" cx="{x:.1f}" cy="{y:.1f}" r="5"/>'


def _text(x: float, y: float, words: str, anchor: str, kind: str = "") -> str:
    """A line of text; `words` are escaped already."""
    of = f' class="{kind}"' if kind else ""
    return f'<text{of} x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{words}</text>'
