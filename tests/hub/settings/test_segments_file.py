"""What segments.yaml becomes, and what `push:` may ask of it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from hub.settings.load import load, read
from tests.hub.settings.fakes import GOOD, write

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)


def test_a_segment_can_be_asked_at_once(config: Path) -> None:
    vip = load(config).segments["vip"]
    assert (vip.name, vip.title, vip.channel) == ("vip", "Regular customers", "email")
    assert vip.test({"orders": 5, "spent": 500}, NOON).inside
    assert not vip.test({"orders": 5, "spent": 499}, NOON).inside


@pytest.mark.parametrize("text", [None, "", "segments:\n", "segments: {}\n"])
def test_there_need_not_be_any(text: str | None, tmp_path: Path) -> None:
    assert load(write(tmp_path, GOOD | {"segments.yaml": text})).segments == {}


def test_a_day_is_a_day_of_the_hubs_own_time_zone(tmp_path: Path) -> None:
    text = "segments: {new: {title: New, all: [{field: first_order_at, after: 2026-06-30}]}}\n"
    new = load(write(tmp_path, GOOD | {"segments.yaml": text})).segments["new"]
    midnight_in_sydney = datetime(2026, 6, 30, 14, tzinfo=UTC)
    assert new.test({"first_order_at": midnight_in_sydney}, NOON).inside
    assert not new.test({"first_order_at": midnight_in_sydney.replace(hour=13)}, NOON).inside


def test_every_broken_segment_is_told_and_the_push_of_one_is_not_an_error_too(tmp_path: Path) -> None:
    text = (
        "segments:\n"
        "  vip: {title: VIP, all: [{field: ordrs, is: 1}]}\n"
        "  old: {title: Old, any: [{field: orders, at_leest: 1}]}\n"
    )
    shop = GOOD["connections/shop.yaml"].replace("[email]}", '[email], segments: {vip: "tag:VIP"}}')
    found = read(write(tmp_path, GOOD | {"segments.yaml": text, "connections/shop.yaml": shop})).problems
    assert [(problem.line, problem.code) for problem in found] == [(2, "HUB-C042"), (3, "HUB-C004")]
    assert found[1].hint == "did you mean 'at_least'?"


def test_a_segment_is_pushed_as_a_tag(tmp_path: Path) -> None:
    shop = GOOD["connections/shop.yaml"].replace("[email]}", f'[email], segments: {{vip: "tag:{"V" * 100}"}}}}')
    push = load(write(tmp_path, GOOD | {"connections/shop.yaml": shop})).connections["shop"].push
    assert push.segments == {"vip": f"tag:{'V' * 100}"}


@pytest.mark.parametrize(
    "key", ["consent", "email_consent", "sms_consent", "marketing_consent", "subscribed", "opt_in", "opt_out"]
)
def test_consent_is_no_custom_field(key: str, tmp_path: Path) -> None:
    loyalty = GOOD["connections/loyalty.yaml"] + f"      custom: {{{key}: news}}\n"
    (problem,) = read(write(tmp_path, GOOD | {"connections/loyalty.yaml": loyalty})).problems
    assert (problem.code, problem.line) == ("HUB-C023", 11)
    assert "consents:" in problem.fix


def test_a_message_is_evidence_as_a_whole(tmp_path: Path) -> None:
    texts = (
        'kind: files\nconfig: {path: "drop/*.jsonl", format: jsonl}\nstreams:\n  log:\n    id: sid\n'
        "    record: message\n    map: {direction: way, address: from, verdict: opt_out_type}\n"
    )
    (log,) = load(write(tmp_path, GOOD | {"connections/texts.yaml": texts})).connections["texts"].streams
    assert log.stream.record == "message"
