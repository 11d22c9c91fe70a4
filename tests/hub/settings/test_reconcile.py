"""`reconcile:` of a stream: a schedule of its own in the stream's zone, and a guard; by hand only without a word."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from hub.settings.load import Settings, SettingsError, load
from hub.settings.settings import Reconcile
from tests.hub.settings.fakes import GOOD, write

SHOP = GOOD["connections/shop.yaml"]


def read(tmp_path: Path, customers: str) -> Settings:
    text = SHOP.replace("{every: 15m, lookback: 10m}", customers)
    assert text != SHOP
    return load(write(tmp_path, GOOD | {"connections/shop.yaml": text}))


def reconcile(tmp_path: Path, customers: str) -> Reconcile:
    found: Reconcile = read(tmp_path, customers).connections["shop"].streams[0].reconcile
    return found


def test_it_is_beside_the_streams_own_schedule(tmp_path: Path) -> None:
    found = reconcile(tmp_path, "{every: 15m, timezone: Australia/Sydney, reconcile: {cron: '0 3 * * 0'}}")
    assert (found.cron, found.every, found.timezone) == ("0 3 * * 0", None, "Australia/Sydney")
    assert (found.guard.rows, found.guard.share) == (1000, 0.05)


def test_the_guard_can_be_another_one(tmp_path: Path) -> None:
    found = reconcile(tmp_path, "{reconcile: {every: 7d, guard: {rows: 20, share: 10%}}}")
    assert (found.every, found.guard.rows, found.guard.share) == (timedelta(days=7), 20, 0.1)


def test_without_a_word_it_is_by_hand_only(tmp_path: Path) -> None:
    found = reconcile(tmp_path, "{every: 15m}")
    assert (found.every, found.cron, found.guard.rows) == (None, None, 1000)


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ("{every: 1d, cron: '0 3 * * 0'}", "HUB-C025"),
        ("{every: 0s}", "HUB-C026"),
        ("{cron: nightly}", "HUB-C024"),
        ("{guard: {share: 0.1}}", "HUB-C028"),
        ("{evry: 1d}", "HUB-C004"),
    ],
)
def test_what_is_wrong_is_told_where_it_is_written(tmp_path: Path, wrong: str, code: str) -> None:
    with pytest.raises(SettingsError) as raised:
        read(tmp_path, f"{{reconcile: {wrong}}}")
    (problem,) = raised.value.problems
    assert (problem.code, problem.line) == (code, 4)
