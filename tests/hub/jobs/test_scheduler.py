"""The scheduler: what is due when, over the change of clocks too, and what rests until a person acts."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from connectors.kit import errors
from connectors.kit.base import Cursor, Page, Stream
from hub.jobs.scheduler import Scheduler
from hub.settings.schedule import next_due
from hub.settings.settings import Connection
from hub.stages.golden import contacts
from hub.stages.runs import runs, states
from hub.store.engine import Store
from tests.hub.world import ALICE, Silent, always, connection, page, rows, settings, stream, sync

HOURLY = timedelta(hours=1)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def slots(cron: str, timezone: str, start: str, count: int) -> list[str]:
    """The next slots, each found from the one before, in UTC."""
    found, last = [], at(start)
    for _ in range(count):
        due = next_due(stream(cron=cron, timezone=timezone), last)
        assert due is not None
        found.append(f"{due:%m-%d %H:%M}")
        last = due
    return found


def test_every_counts_from_the_last_start() -> None:
    assert next_due(stream(every=HOURLY), at("2026-07-01 10:10")) == at("2026-07-01 11:10")


def test_what_never_ran_is_due_and_what_has_no_schedule_never_is() -> None:
    due = next_due(stream(every=HOURLY), None)
    assert due is not None
    assert due < at("2000-01-01")
    assert next_due(stream(), None) is None
    assert next_due(stream(), at("2026-07-01")) is None


@pytest.mark.parametrize(
    ("timezone", "start", "expected"),
    [
        ("UTC", "2026-07-01 10:00", ["07-02 02:30", "07-03 02:30"]),
        # in Sydney clocks go from 2:00 to 3:00 on 4 October, in London from 1:00 to 2:00 on 29 March
        ("Australia/Sydney", "2026-10-02 00:00", ["10-02 16:30", "10-03 16:00", "10-04 15:30"]),
        ("Europe/London", "2026-03-27 12:00", ["03-28 02:30", "03-29 01:30", "03-30 01:30"]),
        # and back, from 3:00 to 2:00 on 5 April, and from 2:00 to 1:00 on 25 October: 2:30 in Sydney comes twice
        ("Australia/Sydney", "2026-04-03 00:00", ["04-03 15:30", "04-04 15:30", "04-05 16:30"]),
        ("Europe/London", "2026-10-23 12:00", ["10-24 01:30", "10-25 02:30", "10-26 02:30"]),
    ],
)
def test_a_nightly_run_comes_once_a_night_whatever_the_clocks_do(
    timezone: str, start: str, expected: list[str]
) -> None:
    assert slots("30 2 * * *", timezone, start, len(expected)) == expected


def test_an_hourly_run_goes_on_hour_by_hour_when_the_clocks_go_back() -> None:
    expected = ["10-25 00:00", "10-25 01:00", "10-25 02:00", "10-25 03:00"]
    assert slots("0 * * * *", "Europe/London", "2026-10-24 23:00", 4) == expected


def scheduler(store: Store, *connections: Connection) -> Scheduler:
    return Scheduler(store, settings(*connections), Silent(), threading.Event())


def started(store: Store, when: datetime) -> None:
    store.write(lambda db: db.execute(update(states).values(last_started_at=when)))


def counted(calls: list[str], *pages: Page) -> Any:
    def pull(one: Stream, cursor: Cursor | None) -> Iterator[Page]:
        calls.append(one.name)
        return iter(pages)

    return pull


def test_what_is_due_runs_and_becomes_contacts(store: Store) -> None:
    calls: list[str] = []
    vendor = connection(counted(calls, page([ALICE])), stream(every=HOURLY), stream("orders"))
    assert scheduler(store, vendor).run_due(datetime.now(UTC)) == 1
    assert calls == ["customers"]
    assert len(rows(store, contacts)) == 1
    assert scheduler(store, vendor).run_due(datetime.now(UTC)) == 0


@pytest.mark.parametrize("schedule", [{"every": HOURLY}, {"cron": "0 * * * *"}])
def test_missed_slots_give_one_run(sqlite_store: Store, schedule: dict[str, Any]) -> None:
    calls: list[str] = []
    one = scheduler(sqlite_store, connection(counted(calls), stream(**schedule)))
    now = datetime.now(UTC)
    one.run_due(now)
    started(sqlite_store, now - timedelta(days=3))
    assert [one.run_due(now), one.run_due(now)] == [1, 0]
    assert len(calls) == 2


@pytest.mark.parametrize("error", [errors.AuthError("refused"), errors.ConfigError("no such list")])
def test_a_stream_that_needs_a_person_rests_until_a_sync_by_hand_works(store: Store, error: Exception) -> None:
    def refusing(one: Stream, cursor: Cursor | None) -> Iterator[Page]:
        raise error

    broken, mended = (connection(pull, stream(every=HOURLY)) for pull in (refusing, always(page([ALICE]))))
    scheduler(store, broken).run_due(datetime.now(UTC))
    started(store, datetime.now(UTC) - timedelta(days=1))
    later = datetime.now(UTC)
    assert scheduler(store, mended).due(later) == []
    sync(store, mended)
    started(store, later - timedelta(days=1))
    assert len(scheduler(store, mended).due(later)) == 1


def test_a_stream_that_failed_otherwise_is_tried_at_its_next_slot(sqlite_store: Store) -> None:
    def down(one: Stream, cursor: Cursor | None) -> Iterator[Page]:
        raise errors.VendorDown("down")

    one = scheduler(sqlite_store, connection(down, stream(every=HOURLY)))
    now = datetime.now(UTC)
    one.run_due(now)
    assert one.due(now + timedelta(minutes=59)) == []
    assert len(one.due(now + timedelta(minutes=61))) == 1


def test_a_paused_run_waits_until_the_vendor_said(sqlite_store: Store) -> None:
    now = datetime.now(UTC)

    def busy(one: Stream, cursor: Cursor | None) -> Iterator[Page]:
        raise errors.RateLimited("later", now + timedelta(hours=5))

    one = scheduler(sqlite_store, connection(busy, stream(every=HOURLY)))
    one.run_due(now)
    assert one.due(now + timedelta(hours=4)) == []
    assert len(one.due(now + timedelta(hours=6))) == 1


def test_paused_connections_are_left_alone(sqlite_store: Store) -> None:
    paused = connection(always(), stream(every=HOURLY), name="newsletter", paused=True)
    active = connection(always(), stream(every=HOURLY))
    due = scheduler(sqlite_store, active, paused).due(datetime.now(UTC))
    assert [one.name for one, _ in due] == ["shop"]


def test_asked_to_stop_it_starts_nothing_more(sqlite_store: Store) -> None:
    calls: list[str] = []
    one = scheduler(sqlite_store, connection(counted(calls), stream(every=HOURLY)))
    one.stopping.set()
    one.run_due(datetime.now(UTC))
    one.run()
    assert calls == []
    assert rows(sqlite_store, runs) == []
