"""The rules: what of the figures is worth waking somebody for."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from hub.jobs.scheduler import NEEDS_ATTENTION
from hub.settings.watch_models import Alerts
from hub.watch.coming import Coming
from hub.watch.figures import Asking, Figures
from hub.watch.going import Going
from hub.watch.room import Room
from hub.watch.rules import NEEDS_A_PERSON, troubles

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
ROOM = Room(500, 1000)
SHOP = Coming("shop", "customers", last_ok_at=NOW - timedelta(minutes=5), due_at=NOW + timedelta(minutes=10))
MAIL = Going("newsletter")
WELL = Figures(NOW, coming=(SHOP,), going=(MAIL,))


def ago(**span: float) -> datetime:
    return NOW - timedelta(**span)


def found(figures: Figures, room: Room | None = ROOM, **alerts: Any) -> list[tuple[str, str]]:
    return [(one.rule, one.subject) for one in troubles(figures, room, Alerts.model_validate(alerts))]


def shop(**changed: Any) -> Figures:
    return replace(WELL, coming=(replace(SHOP, **changed),))


def mail(**changed: Any) -> Figures:
    return replace(WELL, going=(replace(MAIL, **changed),))


def test_a_notice_that_was_given_up_is_worth_an_alert() -> None:
    (one,) = troubles(replace(WELL, dead_notices={"hook:crm": 2}), ROOM, Alerts())
    assert (one.rule, one.subject, "2 notices" in one.message, "replay" in one.fix) == (
        "dead_letters",
        "hook:crm",
        True,
        True,
    )


def test_a_hub_that_is_well_wakes_nobody() -> None:
    assert found(WELL) == []


@pytest.mark.parametrize(
    ("figures", "told"),
    [
        (mail(optouts=2, oldest_optout_at=ago(minutes=15)), []),
        (mail(optouts=2, oldest_optout_at=ago(minutes=16)), [("optout", "newsletter")]),
        (shop(due_at=ago(minutes=60)), []),
        (shop(due_at=ago(minutes=61)), [("stream", "shop.customers")]),
        (shop(due_at=ago(minutes=61), paused=True), []),
        (shop(due_at=None), []),
        (shop(last_status="held"), [("quarantine", "shop.customers")]),
        (shop(last_exit_code=77), [("attention", "shop")]),
        (shop(last_exit_code=69), []),
        (mail(dead=1), [("dead_letters", "newsletter")]),
        (replace(WELL, lost_last_hour=3), []),
        (replace(WELL, lost_last_hour=4), [("leases", "hub")]),
        (replace(WELL, gone=(Asking(12, "shop.customers", 40, 50),)), [("gone", "shop.customers")]),
    ],
)
def test_each_rule_has_an_edge(figures: Figures, told: list[tuple[str, str]]) -> None:
    assert found(figures) == told


@pytest.mark.fault("P09")
def test_little_room_on_the_disk_is_told_before_there_is_none() -> None:
    assert found(WELL, Room(51, 1000)) == []
    assert found(WELL, Room(49, 1000)) == [("disk", "database")]
    assert found(WELL, None) == []


def test_two_streams_of_one_connection_with_bad_credentials_are_one_alert() -> None:
    both = replace(WELL, coming=(replace(SHOP, last_exit_code=77), replace(SHOP, stream="orders", last_exit_code=78)))
    (one,) = troubles(both, ROOM, Alerts())
    assert "customers, orders" in one.message


def test_a_rule_can_be_moved_and_switched_off() -> None:
    late = mail(optouts=1, oldest_optout_at=ago(minutes=6), dead=3)
    assert found(late, rules={"optout": "5m", "dead_letters": 3}) == [("optout", "newsletter")]
    assert found(late, off=["dead_letters"]) == []


def test_the_scheduler_rests_after_the_same_ends_that_are_told() -> None:
    assert NEEDS_A_PERSON == NEEDS_ATTENTION
