"""How times, values and runs are put into words and bars."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedupe.engine.partition import KINDS
from dedupe.engine.verdicts import Judgement
from hub.admin import words
from hub.admin.bars import HEIGHT, LOWEST, SLOTS, STEP, WIDTH, bars

NOW = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("length", "said"),
    [
        (timedelta(milliseconds=999), "under a second"),
        (timedelta(seconds=-3), "under a second"),
        (timedelta(seconds=1), "1 second"),
        (timedelta(seconds=59, milliseconds=900), "59 seconds"),
        (timedelta(minutes=1), "1 minute"),
        (timedelta(minutes=119), "1 hour"),
        (timedelta(days=29), "29 days"),
        (timedelta(days=364), "12 months"),
        (timedelta(days=800), "2 years"),
    ],
)
def test_a_length_of_time_is_said_in_its_largest_unit(length: timedelta, said: str) -> None:
    assert words.span(length) == said


@pytest.mark.parametrize(
    ("off", "said"), [(-180, "3 minutes ago"), (7200, "in 2 hours"), (-4, "just now"), (4, "just now")]
)
def test_a_moment_is_told_by_its_distance(off: int, said: str) -> None:
    assert words.distance(NOW + timedelta(seconds=off), NOW) == said


@pytest.mark.parametrize(
    ("field", "value", "lines"),
    [
        ("name", {"full": "Alice Nguyen", "first": "Alice"}, ["Alice Nguyen"]),
        ("emails", {"value": "alice@example.com", "key": "alice@example.com"}, ["alice@example.com"]),
        ("phones", [{"value": "+61412345678"}, {"value": "+61498765432"}], ["+61412345678", "+61498765432"]),
        ("addresses", {"street": "The Cottage\n3 King St", "city": "Newtown"}, ["The Cottage", "3 King St", "Newtown"]),
        ("identifiers", {"type": "loyalty", "value": "4711"}, ["loyalty 4711"]),
        ("company", {"name": "Acme", "country": "AU"}, ["Acme · AU"]),
        ("tags", "vip", ["vip"]),
        ("custom.shoe", "42", ["42"]),
        ("date_of_birth", None, []),
        ("custom.odd", {"a": 1}, ["a: 1"]),
    ],
)
def test_a_value_becomes_lines(field: str, value: Any, lines: list[str]) -> None:
    assert words.lines(field, value) == lines


def test_fields_come_in_the_order_people_look_for_them_and_own_fields_last() -> None:
    fields = ["custom.shoe", "tags", "emails", "custom.hat", "name"]
    assert sorted(fields, key=words.field_order) == ["name", "emails", "tags", "custom.hat", "custom.shoe"]


counts = st.lists(st.integers(min_value=0, max_value=10**9), max_size=3 * SLOTS)


@given(counts)
def test_bars_stay_in_their_picture_and_keep_the_order_of_what_they_count(fetched: list[int]) -> None:
    drawn = bars([{"id": at, "status": "ok", "fetched": one} for at, one in enumerate(fetched)])
    assert [one.fetched for one in drawn] == fetched[-SLOTS:]
    for bar in drawn:
        assert 0 <= bar.x <= SLOTS * STEP - WIDTH
        assert bar.height >= LOWEST
        assert bar.y + bar.height == HEIGHT
        assert bar.y >= 0
    by_count = sorted(drawn, key=lambda bar: bar.fetched)
    assert [bar.height for bar in by_count] == sorted(bar.height for bar in drawn)
    assert not drawn or drawn[-1].x == (SLOTS - 1) * STEP


def test_every_question_and_every_judgement_has_its_words() -> None:
    assert words.QUESTIONS.keys() == set(KINDS)
    assert words.JUDGEMENTS.keys() == set(Judgement)
