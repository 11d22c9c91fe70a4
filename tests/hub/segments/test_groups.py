"""Groups of conditions, and the segment as a whole."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from pydantic import ValidationError

import hub.segments
from hub.segments.compile import SegmentErrors
from tests.hub.segments.rules import condition, inside, segment

FIVE = {"field": "orders", "at_least": 5}
RICH = {"field": "spent", "at_least": 500}
UNHAPPY = {"field": "satisfaction", "is": "bad"}


def test_each_group_that_is_written_must_hold() -> None:
    rule = segment(all=[FIVE], any=[RICH, {"field": "tags", "contains": "vip"}], none=[UNHAPPY])
    assert inside(rule, orders=5, spent=500)
    assert inside(rule, orders=5, tags=["VIP"], satisfaction="good")
    assert not inside(rule, orders=4, spent=500)
    assert not inside(rule, orders=5, spent=499)
    assert not inside(rule, orders=5, spent=500, satisfaction="bad")


def test_none_is_true_of_whom_nothing_is_known() -> None:
    assert inside(segment(none=[FIVE, UNHAPPY]))


def test_a_group_may_stand_in_a_group() -> None:
    rule = segment(all=[FIVE, {"any": [RICH], "none": [UNHAPPY]}])
    assert inside(rule, orders=5, spent=500)
    assert not inside(rule, orders=5, spent=500, satisfaction="bad")
    assert not inside(rule, orders=4, spent=500)


def test_but_no_deeper() -> None:
    with pytest.raises(ValidationError):
        segment(all=[{"any": [{"all": [FIVE]}]}])


def test_all_that_is_wrong_is_told_at_once_with_its_place() -> None:
    with pytest.raises(SegmentErrors) as caught:
        segment(all=[{"field": "ordrs", "at_least": 5}, {"any": [{"field": "orders", "at_least": "many"}]}], none=[])
    assert [(error.loc, error.code) for error in caught.value.errors] == [
        (("all", 0, "field"), "field_unknown"),
        (("all", 1, "any", 0, "at_least"), "value_wrong"),
        (("none",), "group_empty"),
    ]
    assert "there is no field 'ordrs'" in str(caught.value)


class TestFingerprint:
    def test_the_order_of_writing_and_the_title_make_no_difference(self) -> None:
        one = segment(all=[FIVE, {"any": [RICH, UNHAPPY]}], title="One")
        other = segment(all=[{"any": [UNHAPPY, RICH]}, FIVE], title="Other")
        assert one.fingerprint == other.fingerprint
        listed = condition("country", in_=["NZ", "AU"]), condition("country", in_=["au", "nz"])
        assert listed[0].fingerprint == listed[1].fingerprint

    def test_every_change_of_the_rule_or_the_channel_makes_one(self) -> None:
        rules = [
            segment(all=[FIVE, RICH]),
            segment(any=[FIVE, RICH]),
            segment(none=[FIVE, RICH]),
            segment(all=[FIVE], any=[RICH]),
            segment(all=[FIVE, {"any": [RICH]}]),
            segment(all=[{**FIVE, "at_least": 6}, RICH]),
            segment(all=[FIVE, {"field": "spent", "at_most": 500}]),
            segment(all=[FIVE, RICH], channel="sms"),
        ]
        assert len({rule.fingerprint for rule in rules}) == len(rules)


def test_the_rules_know_nothing_else_of_the_hub() -> None:
    used = set()
    for path in Path(hub.segments.__path__[0]).glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom):
                used.add(node.module or "")
            elif isinstance(node, ast.Import):
                used |= {name.name for name in node.names}
    ours = {name for name in used if name.partition(".")[0] in ("hub", "connectors", "mapping", "dedupe")}
    assert ours
    assert all(name.startswith("hub.segments.") for name in ours)
