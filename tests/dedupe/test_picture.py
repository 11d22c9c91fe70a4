"""The picture of the measures: whole, safe, the same every time, and told in words as well."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import numpy as np
import pytest

from dedupe.evaluate import curve, histogram
from dedupe.picture import NOTHING, Thresholds, picture

TRUTH = ["alice", "alice", "alice", "bob", "charlie", "charlie"]
EDGES = [(0, 1, 9_200), (0, 2, 1_000), (4, 5, 3_000), (2, 3, 600), (3, 4, -4_000)]
STANDARD = Thresholds(automatic=2_500, likely=0)
NAMES = "{http://www.w3.org/2000/svg}"


def drawn(edges: list[tuple[int, int, int]] = EDGES, title: str = "truth.csv", at: Thresholds = STANDARD) -> str:
    judged = np.array(edges, np.int64).reshape(-1, 3)
    return picture(curve(judged, TRUTH), histogram(judged, TRUTH), at, title)


def parts(svg: str, tag: str) -> list[ElementTree.Element]:
    return list(ElementTree.fromstring(svg).iter(NAMES + tag))


def words(svg: str) -> list[str | None]:
    return [text.text for text in parts(svg, "text")]


def test_it_says_in_words_what_it_shows() -> None:
    (description,) = parts(drawn(), "desc")
    assert description.text == (
        "3 judged pairs are of one person, 2 of two. "
        "From 2.5 bits on, where pairs are merged: precision 100.0%, recall 50.0%, F1 66.7%. "
        "From 0.0 bits on, where pairs are asked about: precision 57.1%, recall 100.0%, F1 72.7%. "
        "The best F1 is from 1.0 bits on: precision 100.0%, recall 100.0%, F1 100.0%."
    )


def test_axes_and_thresholds_are_named_in_plain_words() -> None:
    assert {
        "Found of the pairs that are one person (recall)",
        "True of the pairs found (precision)",
        "Weight of a pair in bits",
        "Number of pairs",
        "merged from 2.5 bits",
        "asked from 0.0 bits",
    } <= set(words(drawn()))


def test_the_curve_goes_from_the_lowest_threshold_to_the_highest() -> None:
    (way,) = (line.get("points", "") for line in parts(drawn(), "polyline") if line.get("class") == "curve")
    points = [tuple(map(float, point.split(","))) for point in way.split()]
    assert points[0] == (440.0, 288.0)  # all found, four of fifteen true
    assert points[-1] == (170.0, 90.0)  # one of four found, nothing wrong
    assert len(points) == len(range(-4_000, 9_001, 500))


def test_pairs_of_one_person_stand_above_the_line_and_pairs_of_two_hang_below() -> None:
    bars = parts(drawn(), "rect")[1:]
    line = 225.0
    ends = {
        kind: [(float(bar.get("y", 0)), float(bar.get("height", 0))) for bar in bars if bar.get("class") == kind]
        for kind in ("same", "other")
    }
    assert ends == {"same": [(90.0, 135.0)] * 3, "other": [(line, 135.0)] * 2}


@pytest.mark.parametrize("at", [Thresholds(-60_000, -70_000), Thresholds(90_000, 80_000), Thresholds(0, 0)])
def test_everything_is_on_the_page_wherever_the_thresholds_lie(at: Thresholds) -> None:
    numbers = [
        (name, float(value))
        for shape in ElementTree.fromstring(drawn(at=at)).iter()
        for name, value in shape.attrib.items()
        if name in {"x", "y", "x1", "x2", "y1", "y2", "cx", "cy"}
    ]
    assert all(0 <= value <= (1000 if "x" in name else 460) for name, value in numbers)
    assert len(numbers) > 100


def test_a_title_is_only_text() -> None:
    hostile = "<script>alert('&')</script>\x00\x1b\ud800.csv"
    svg = drawn(title=hostile)
    assert parts(svg, "script") == []
    assert parts(svg, "title")[0].text == "<script>alert('&')</script>.csv"
    svg.encode()


def test_nothing_to_draw_is_told() -> None:
    svg = drawn([])
    assert NOTHING in words(svg)
    assert parts(svg, "desc")[0].text == NOTHING
    assert len(parts(svg, "rect")) == 1


def test_equal_figures_give_equal_text_and_nothing_is_fetched() -> None:
    assert drawn() == drawn(list(reversed(EDGES)))
    assert set(re.findall(r"https?://[^\"]*", drawn())) == {"http://www.w3.org/2000/svg"}


def test_it_is_named_for_who_hears_it_and_dark_where_the_page_is() -> None:
    root = ElementTree.fromstring(drawn())
    assert (root.get("role"), root.get("aria-labelledby")) == ("img", "title desc")
    assert "prefers-color-scheme: dark" in drawn()
