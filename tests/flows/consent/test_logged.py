"""What a push logs: where it went, how long it took and how it ended, and nobody who was in it."""

from __future__ import annotations

import logging

import pytest

from hub.stages.courier import Courier
from hub.store.leases import LeaseLost
from hub.watch.clean import Cleaner
from hub.watch.log import Json
from tests.flows.consent.life import Life
from tests.flows.consent.town import LIST, SECRETS


def events(caplog: pytest.LogCaptureFixture) -> list[dict[str, object]]:
    formatter = Json(Cleaner(SECRETS.values()))
    return [formatter.document(record) for record in caplog.records if record.name == "hub.push"]


@pytest.mark.fault("A11")
def test_a_push_is_logged_for_each_destination_without_anybody_in_it(
    life: Life, caplog: pytest.LogCaptureFixture
) -> None:
    charlie = life.town.welcome("Charlie", 158)
    life.sync()
    life.later(days=1)
    life.town.newsletter.click_unsubscribe(LIST, charlie.email)
    with caplog.at_level(logging.INFO, "hub.push"):
        life.sync()
    told = {str(one["destination"]): one for one in events(caplog)}
    assert {one["event"] for one in told.values()} == {"push.ended"}
    assert told["shop"]["changes"] == 1
    assert set(told["shop"]) == {"time", "level", "event", "destination", "seconds", "exit_code", "changes"}
    for canary in (charlie.email, charlie.phone, charlie.customer, *SECRETS.values()):
        assert canary not in str(told)


def test_a_destination_whose_lease_was_lost_is_logged_as_that(
    life: Life, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    charlie = life.town.welcome("Charlie", 158)
    life.sync()
    life.later(days=1)
    life.town.newsletter.click_unsubscribe(LIST, charlie.email)

    def lose(*_: object) -> None:
        raise LeaseLost("another worker took over push.shop")

    monkeypatch.setattr(Courier, "empty", lose)
    with caplog.at_level(logging.WARNING, "hub.push"):
        life.sync()
    assert [(one["event"], one["destination"]) for one in events(caplog)].count(("lease.lost", "shop")) == 1
