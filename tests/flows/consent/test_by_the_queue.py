"""Consent travels by the queue as it does in a round: pulls, one derive run, a push run for each destination."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from connectors.kit.simulator import Fault
from hub.jobs.doorbell import Inline
from hub.jobs.ends import RunEnd
from hub.jobs.perform import Performer
from hub.jobs.queue import PUSH, queue_run, queued
from hub.jobs.sweeper import Sweeper
from hub.stages.order import place_of
from hub.store.leases import give_back, take
from tests.flows.consent.life import LAG, Life
from tests.flows.consent.town import Somebody

MOST_RUNS = 60


def queue_everything(life: Life) -> None:
    life.time.pass_by(LAG)
    slot = datetime.now(UTC).isoformat()
    for connection in life.hub.settings.connections.values():
        for stream in connection.streams:
            place = place_of(life.hub.settings, connection.name, stream.name)
            life.hub.store.write(lambda db, place=place: queue_run(db, place, "pull", slot, "a test"))  # type: ignore[misc]


def drain(life: Life) -> list[RunEnd]:
    """Do what waits and what that brings; a push that could not begin is left."""
    ends: list[RunEnd] = []
    refused: set[int] = set()
    while len(ends) < MOST_RUNS:
        with life.hub.store.read() as db:
            waiting = [run for run in queued(db) if run.id not in refused]
        if not waiting:
            return ends
        end = Performer(life.hub.store, life.hub.settings).perform(waiting[0].id)
        if end is None or (end.status == "queued" and waiting[0].kind == PUSH):
            refused.add(waiting[0].id)
        if end is not None:
            ends.append(end)
    raise AssertionError(f"it has no end: {[(end.connection, end.stream, end.status) for end in ends[-9:]]}")


def pushes(ends: list[RunEnd]) -> dict[str, str]:
    return {end.connection: end.status for end in ends if end.stream == "push"}


def a_no_at_the_shop(life: Life) -> Somebody:
    """Charlie, who said yes to everything, unsubscribes at the shop."""
    charlie = life.town.welcome("Charlie", 158)
    life.sync()
    life.sync()
    life.town.forget()
    life.later(days=1)
    life.town.shop.unsubscribe(charlie.customer, "email")
    life.town.shop.unsubscribe(charlie.customer, "sms")
    return charlie


def test_an_opt_out_is_everywhere_once_when_nothing_waits_any_more(life_anywhere: Life) -> None:
    life = life_anywhere
    charlie = a_no_at_the_shop(life)
    queue_everything(life)
    ends = [end for end in drain(life) if end.status != "queued"]  # on a slow machine its turn is over before a run
    assert {end.status for end in ends} == {"ok"}
    first_derive = [end.stream for end in ends].index("derive")
    assert first_derive == sum(len(one.streams) for one in life.hub.settings.connections.values())
    assert {"newsletter", "texts", "help"} <= pushes(ends).keys()
    assert [change[:2] for change in life.town.changed("newsletter")] == [(charlie.email, "out")]
    assert life.town.consents("texts") == [("sms", charlie.phone, "out")]
    assert not life.town.simulators["newsletter"].sendable(charlie.email, "email")
    queue_everything(life)
    assert pushes(drain(life)) == {}
    assert len(life.town.changed("newsletter")) == len(life.town.consents("texts")) == 1


@pytest.mark.fault("H03")
def test_a_destination_that_asks_for_patience_holds_up_no_other_and_is_told_later(life: Life) -> None:
    charlie = a_no_at_the_shop(life)
    queue_everything(life)
    life.town.newsletter.script(Fault(match="/members", after=2, times=9, status=429, headers={"Retry-After": "7200"}))
    ends = drain(life)
    life.town.clear_faults()
    paused = [end for end in ends if end.status == "paused"]
    assert pushes(ends)["newsletter"] == "paused"
    assert life.town.consents("texts") == [("sms", charlie.phone, "out")]
    sweeper = Sweeper(life.hub.store, life.hub.settings, Inline())
    assert sweeper.sweep().resumed == []
    life.later(hours=3)
    assert len(sweeper.sweep().resumed) == len(paused)
    drain(life)
    assert [change[:2] for change in life.town.changed("newsletter")] == [(charlie.email, "out")]


@pytest.mark.fault("P06")
def test_a_push_waits_while_a_person_pushes_there(life: Life) -> None:
    a_no_at_the_shop(life)
    queue_everything(life)
    held = life.hub.store.write(lambda db: take(db, "push.newsletter"))
    ends = drain(life)
    assert pushes(ends)["newsletter"] == "queued"
    assert life.town.changed("newsletter") == []
    life.hub.store.write(lambda db: give_back(db, held))
    assert pushes(drain(life))["newsletter"] == "ok"
    assert len(life.town.changed("newsletter")) == 1
