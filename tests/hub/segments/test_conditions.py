"""Each operator, with and without something to compare."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from hub.segments.fields import FIELDS, OPERATORS, Kind
from tests.hub.segments.rules import NOW, TICK, condition, inside

SYDNEY = ZoneInfo("Australia/Sydney")


@pytest.mark.parametrize(
    ("operator", "value", "fits", "fits_not"),
    [
        ("is", "Hanoi", "HANOI", "Hanoi Old Town"),
        ("is", "Zoë", "ZOE\u0308", "Zoe"),
        ("is_not", "Hanoi", "Hue", "hanoi "),
        ("in_", ["Hanoi", "Hue"], "hue", "Saigon"),
        ("contains", "town", "Old Town", "Hanoi"),
        ("starts_with", "old", "Old Town", "Very Old"),
        ("known", True, "Hanoi", ""),
        ("known", False, "", "Hanoi"),
    ],
)
def test_text_is_compared_without_regard_to_capitals(operator: str, value: Any, fits: str, fits_not: str) -> None:
    rule = condition("city", **{operator: value})
    assert inside(rule, city=fits)
    assert not inside(rule, city=fits_not)


def test_a_list_contains_whole_entries() -> None:
    rule = condition("tags", contains="VIP")
    assert inside(rule, tags=["new", "vip"])
    assert not inside(rule, tags=("vip club",))
    assert not inside(rule, tags=[])
    assert inside(condition("tags", known=False), tags=())


@pytest.mark.parametrize(
    ("operator", "value", "fits", "fits_not"),
    [
        ("is", 5, 5, 6),
        ("is_not", 5, 6, 5),
        ("in_", [1, 5], 5, 4),
        ("at_least", 5, 5, 4),
        ("at_most", 5, 5, 6),
        ("known", True, 0, None),
    ],
)
def test_numbers(operator: str, value: Any, fits: int, fits_not: int | None) -> None:
    rule = condition("orders", **{operator: value})
    assert inside(rule, orders=fits)
    assert not inside(rule, orders=fits_not)


def test_an_amount_is_compared_to_the_cent() -> None:
    rule = condition("spent", at_least=99.9)
    assert inside(rule, spent=Decimal("99.90"))
    assert not inside(rule, spent=Decimal("99.89"))


def test_a_yes_or_no() -> None:
    assert inside(condition("may_send.email", is_=True), **{"may_send.email": True})
    assert not inside(condition("may_send.email", is_=True), **{"may_send.email": False})
    assert inside(condition("may_send.sms", is_=False), **{"may_send.sms": False})


class TestMoments:
    def test_before_and_after_a_day_leave_the_day_itself_out(self) -> None:
        day = {"before": condition("last_order_at", SYDNEY, before="2026-07-01")}
        day["after"] = condition("last_order_at", SYDNEY, after="2026-07-01")
        begins, ends = datetime(2026, 6, 30, 14, tzinfo=UTC), datetime(2026, 7, 1, 14, tzinfo=UTC)
        assert inside(day["before"], last_order_at=begins - TICK)
        assert inside(day["after"], last_order_at=ends)
        for moment in (begins, ends - TICK):
            assert not inside(day["before"], last_order_at=moment)
            assert not inside(day["after"], last_order_at=moment)

    @pytest.mark.parametrize("written", ["2026-07-01T18:00:00+10:00", "2026-07-01T08:00:00Z", "2026-07-01 08:00"])
    def test_a_moment_may_be_written_with_its_time(self, written: str) -> None:
        moment = datetime(2026, 7, 1, 8, tzinfo=UTC)
        assert inside(condition("last_order_at", before=written), last_order_at=moment - TICK)
        assert not inside(condition("last_order_at", before=written), last_order_at=moment)
        assert inside(condition("last_order_at", after=written), last_order_at=moment + TICK)
        assert not inside(condition("last_order_at", after=written), last_order_at=moment)

    def test_within_takes_in_the_last_moment_and_says_when_it_is_over(self) -> None:
        rule, bought = condition("last_order_at", within="90d"), NOW - timedelta(days=90)
        verdict = rule.test({"last_order_at": bought}, NOW)
        assert (verdict.inside, verdict.recheck_at) == (True, NOW + TICK)
        after = rule.test({"last_order_at": bought}, NOW + TICK)
        assert (after.inside, after.recheck_at) == (False, None)

    def test_not_within_is_the_opposite(self) -> None:
        rule, bought = condition("last_order_at", not_within="1d12h"), NOW - timedelta(hours=35)
        verdict = rule.test({"last_order_at": bought}, NOW)
        assert (verdict.inside, verdict.recheck_at) == (False, NOW + timedelta(hours=1) + TICK)
        assert rule.test({"last_order_at": bought}, NOW + timedelta(hours=1) + TICK).inside

    def test_a_moment_at_the_end_of_the_calendar_needs_no_second_look(self) -> None:
        far = datetime(9999, 12, 31, tzinfo=UTC)
        verdict = condition("last_order_at", within="90d").test({"last_order_at": far}, NOW)
        assert (verdict.inside, verdict.recheck_at) == (True, None)

    def test_a_fixed_day_never_needs_a_second_look(self) -> None:
        assert condition("last_order_at", before="2026-08-01").test({"last_order_at": NOW}, NOW).recheck_at is None


VALUES: dict[Kind, Any] = {"text": "x", "texts": "x", "number": 1, "amount": 1, "moment": "2026-01-01", "flag": True}
TRUE_OF_NOTHING = {"is_not", "not_within"}


@pytest.mark.parametrize("field", FIELDS)
def test_what_is_not_known_fulfils_only_what_asks_for_it(field: str) -> None:
    for operator in OPERATORS[FIELDS[field]]:
        value = VALUES[FIELDS[field]]
        value = "90d" if "within" in operator else [value] if operator == "in" else value
        value = True if operator == "known" else value
        rule = condition(field, **{operator: value})
        for facts in ({}, {field: None}):
            assert rule.test(facts, NOW).inside is (operator in TRUE_OF_NOTHING), operator
    assert condition(field, known=False).test({}, NOW).inside
