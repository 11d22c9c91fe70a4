"""What lies in the outbox with nobody at it is carried on: in its time, once, and not against a closed door."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from hub.settings.models import PushSettings
from hub.settings.settings import Settings
from hub.settings.windows import Window
from hub.stages.freeze import freeze
from hub.stages.runs import runs
from hub.store.engine import Store
from hub.store.leases import take
from tests.hub.jobs.play import sweep
from tests.hub.watch.scene import delivery, ended, newsletter, scene
from tests.hub.world import rows, settings

NOW = datetime.now(UTC)


def pushes(store: Store, found: Settings | None = None) -> list[str]:
    """The destinations for which a sweep queued a push."""
    new = sweep(store, found or scene()).pushes
    return [row["connection"] for row in rows(store, runs) if row["id"] in new]


def last_push(store: Store, status: str, exit_code: int = 0, ago: float = 0, **values: Any) -> None:
    ended(store, status, exit_code, ago, connection="newsletter", stream="push", kind="push", **values)


def test_an_optout_to_be_tried_again_gets_a_push_when_its_time_has_come(store: Store) -> None:
    delivery(store, "queued", next_try_at=datetime.now(UTC) + timedelta(minutes=1))
    assert pushes(store) == []
    delivery(store, "queued", 2, next_try_at=datetime.now(UTC) - timedelta(seconds=1))
    assert pushes(store) == ["newsletter"]
    assert pushes(store) == []  # it waits already


@pytest.mark.parametrize("status", ["queued", "sent", "accepted", "unknown"])
def test_what_a_killed_push_left_is_carried_on(store: Store, status: str) -> None:
    delivery(store, status)
    assert pushes(store) == ["newsletter"]


@pytest.mark.parametrize("status", ["confirmed", "rejected", "dead", "vendor_locked"])
def test_what_is_settled_is_left_alone(store: Store, status: str) -> None:
    delivery(store, status)
    assert pushes(store) == []


def test_a_grant_of_which_nobody_knows_what_became_is_not_knocked_for(store: Store) -> None:
    """It is never sent again blindly, so that it may stay unknown for ever."""
    delivery(store, "unknown", lane=3, wanted="in")
    assert pushes(store) == []


def test_whoever_is_at_it_is_not_disturbed(store: Store) -> None:
    delivery(store, "sent")
    store.write(lambda db: take(db, "push.newsletter"))
    assert pushes(store) == []


@pytest.mark.parametrize(
    ("status", "exit_code", "minutes", "again"),
    [
        ("ok", 0, 0.1, False),
        ("ok", 0, 1, True),
        ("failed", 69, 1, False),
        ("failed", 69, 3, True),
        ("failed", 77, 600, False),
        ("failed", 78, 600, False),
        ("paused", 75, 600, False),
    ],
)
def test_it_rests_after_a_push_and_longer_after_one_that_failed(
    store: Store, status: str, exit_code: int, minutes: float, again: bool
) -> None:
    delivery(store, "queued")
    last_push(store, status, exit_code, minutes)
    assert pushes(store) == (["newsletter"] if again else [])


@pytest.mark.parametrize(("lane", "minutes", "again"), [(0, 1, True), (2, 1, False), (2, 14, False), (2, 16, True)])
def test_what_a_person_stopped_rests_a_quarter_of_an_hour_but_no_optout_does(
    store: Store, lane: int, minutes: float, again: bool
) -> None:
    delivery(store, "queued", lane=lane, wanted="add" if lane else "out", field="tag:VIP" if lane else "email")
    last_push(store, "cancelled", 0, minutes, cancelled_by="alice")
    assert pushes(store) == (["newsletter"] if again else [])


@pytest.mark.parametrize("how", ["paused", "off", "gone", "maintenance"])
def test_nothing_is_queued_where_nothing_may_leave(store: Store, how: str) -> None:
    delivery(store, "queued")
    window = {"from": f"{NOW - timedelta(hours=1):%H:%M}", "to": f"{NOW + timedelta(hours=1):%H:%M}", "timezone": "UTC"}
    found = {
        "paused": settings(replace(newsletter(), paused=True)),
        "off": settings(replace(newsletter(), push=PushSettings(mode="off"))),
        "gone": settings(),
        "maintenance": settings(newsletter(), maintenance=(Window.model_validate(window),)),
    }
    assert pushes(store, found[how]) == []


@pytest.mark.fault("P18")
def test_a_restored_hub_queues_no_push(store: Store) -> None:
    delivery(store, "queued")
    store.write(lambda db: freeze(db, NOW))
    assert pushes(store) == []
