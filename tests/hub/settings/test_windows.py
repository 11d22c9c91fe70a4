"""Maintenance windows: by the clock of their zone, over midnight, from the first minute to the last."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from hub.settings.load import load
from hub.settings.windows import Window, in_maintenance
from tests.hub.settings.fakes import GOOD, write


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("window", "inside", "outside"),
    [
        ({"from": "02:00", "to": "04:00"}, ["02:00", "03:59"], ["01:59", "04:00", "14:00"]),
        ({"from": "23:30", "to": "01:00"}, ["23:30", "00:00", "00:59"], ["01:00", "12:00", "23:29"]),
        ({"from": "02:00", "to": "04:00", "timezone": "Australia/Sydney"}, ["16:00", "17:59"], ["02:00", "18:00"]),
    ],
)
def test_a_window_holds_from_its_first_minute_to_its_last(
    window: dict[str, str], inside: list[str], outside: list[str]
) -> None:
    found = Window.model_validate(window)
    assert [found.holds(at(f"2026-07-01 {clock}"), "UTC") for clock in inside] == [True] * len(inside)
    assert [found.holds(at(f"2026-07-01 {clock}"), "UTC") for clock in outside] == [False] * len(outside)


def test_without_a_zone_it_is_that_of_the_hub_and_summer_time_moves_it() -> None:
    windows = [Window.model_validate({"from": "02:00", "to": "03:00"})]
    assert in_maintenance(windows, at("2026-01-10 02:30"), "Europe/London")
    assert in_maintenance(windows, at("2026-07-10 01:30"), "Europe/London")
    assert not in_maintenance(windows, at("2026-07-10 02:30"), "Europe/London")
    assert not in_maintenance([], at("2026-07-10 02:30"), "UTC")


def test_the_file_says_them_and_the_redis(tmp_path: Path) -> None:
    text = 'version: 1\nredis: redis://localhost:6379/0\nmaintenance:\n  - {from: "02:00", to: "04:00"}\n'
    settings = load(write(tmp_path, GOOD | {"hub.yaml": text}))
    assert [str(one) for one in settings.hub.maintenance] == ["02:00 to 04:00"]
    assert settings.hub.redis is not None
    assert settings.hub.redis.get_secret_value() == "redis://localhost:6379/0"


def test_a_redis_password_from_a_variable_is_a_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUB_REDIS", "rediss://:queue-c4nary@queue.example.com/0")
    settings = load(write(tmp_path, GOOD | {"hub.yaml": 'version: 1\nredis: "${env:HUB_REDIS}"\n'}))
    assert "queue-c4nary" in settings.secrets
    assert "queue-c4nary" not in repr(settings.hub)
