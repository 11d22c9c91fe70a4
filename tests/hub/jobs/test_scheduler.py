"""The scheduler: what is due when, over the change of clocks too, and what rests until a person acts."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from connectors.kit import errors
from connectors.kit.base import Cursor, Page, Stream
from hub.jobs.doorbell import BellBroken, Inline
from hub.jobs.scheduler import Scheduler
from hub.settings.schedule import jitter, next_due
from hub.settings.settings import Connection, Reconcile
from hub.settings.windows import Window
from hub.stages.golden import contacts
from hub.stages.ledger import mark
from hub.stages.passes import passes
from hub.stages.pull import Wish
from hub.stages.runs import runs, states
from hub.store.engine import Store
from tests.hub.jobs.play import drain
from tests.hub.world import ALICE, always, connection, page, rows, settings, stream, sync

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


@pytest.mark.fault("P08")
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


def scheduler(store: Store, *connections: Connection, **hub: Any) -> Scheduler:
    return Scheduler(store, settings(*connections, **hub), Inline())


def started(store: Store, when: datetime) -> None:
    store.write(lambda db: db.execute(update(states).values(last_started_at=when)))


def due(store: Store, one: Scheduler, now: datetime) -> list[str]:
    with store.read() as db:
        return [place.stream for place, _ in one.due(db, now)]


def queued_and_done(store: Store, one: Scheduler, now: datetime) -> int:
    """Tick, and do what that queued; how many runs it queued."""
    new = len(one.tick(now))
    drain(store, one.settings)
    return new


def counted(calls: list[str], *pages: Page) -> Any:
    def pull(one: Stream, cursor: Cursor | None) -> Iterator[Page]:
        calls.append(one.name)
        return iter(pages)

    return pull


def test_what_is_due_runs_and_becomes_contacts(store: Store) -> None:
    calls: list[str] = []
    vendor = connection(counted(calls, page([ALICE])), stream(every=HOURLY), stream("orders"))
    one = scheduler(store, vendor)
    assert queued_and_done(store, one, datetime.now(UTC)) == 1
    assert calls == ["customers"]
    assert len(rows(store, contacts)) == 1
    assert one.tick(datetime.now(UTC)) == []


@pytest.mark.fault("P07")
def test_of_four_schedulers_one_queues_a_slot(store: Store) -> None:
    vendor = connection(always(page([ALICE])), stream(every=HOURLY), stream("orders", cron="*/5 * * * *"))
    four = [scheduler(store, vendor) for _ in range(4)]
    now = datetime.now(UTC)
    for moment in (now, now + timedelta(hours=2), now + timedelta(hours=4)):
        with ThreadPoolExecutor(4) as threads:
            new = [run for found in threads.map(lambda one, at=moment: one.tick(at), four) for run in found]
        assert len(new) == 2
        assert [one.tick(moment) for one in four] == [[], [], [], []]
        drain(store, four[0].settings)
        started(store, moment)


@pytest.mark.fault("P08")
@pytest.mark.parametrize("schedule", [{"every": HOURLY}, {"cron": "0 * * * *"}])
def test_missed_slots_give_one_run(sqlite_store: Store, schedule: dict[str, Any]) -> None:
    calls: list[str] = []
    one = scheduler(sqlite_store, connection(counted(calls), stream(**schedule)))
    now = datetime.now(UTC)
    queued_and_done(sqlite_store, one, now)
    started(sqlite_store, now - timedelta(days=3))
    assert [queued_and_done(sqlite_store, one, now), queued_and_done(sqlite_store, one, now)] == [1, 0]
    assert len(calls) == 2


@pytest.mark.fault("P08")
@pytest.mark.parametrize(
    ("timezone", "night"),
    [
        ("Australia/Sydney", "2026-10-03 12:00"),
        ("Australia/Sydney", "2026-04-04 12:00"),
        ("Europe/London", "2026-03-28 18:00"),
        ("Europe/London", "2026-10-24 18:00"),
    ],
)
def test_a_scheduler_that_ticks_all_night_queues_one_run(sqlite_store: Store, timezone: str, night: str) -> None:
    """Through the hour that does not exist and the one that comes twice."""
    one = scheduler(sqlite_store, connection(always(), stream(cron="30 2 * * *", timezone=timezone)))
    queued_and_done(sqlite_store, one, at(night))
    began = at(night)
    new = []
    for minutes in range(0, 18 * 60, 5):
        started(sqlite_store, began)
        now = at(night) + timedelta(minutes=minutes)
        if one.tick(now):
            new.append(now)
            drain(sqlite_store, one.settings)
            began = now
    assert len(new) == 1


def test_a_slot_that_waits_for_a_worker_is_not_queued_again(store: Store) -> None:
    one = scheduler(store, connection(always(), stream(every=HOURLY)))
    assert len(one.tick(datetime.now(UTC))) == 1
    assert one.tick(datetime.now(UTC) + timedelta(hours=9)) == []


def test_streams_begin_a_little_apart_and_always_at_the_same_moment() -> None:
    nightly = stream(cron="0 2 * * *")
    spread = {jitter(name, nightly) for name in ("shop", "newsletter", "texts", "help")}
    assert len(spread) == 4
    assert all(timedelta(0) <= one < timedelta(minutes=1) for one in spread)
    assert jitter("shop", nightly) == jitter("shop", nightly)
    assert jitter("shop", stream(every=timedelta(minutes=1))) < timedelta(seconds=3)


def test_a_stream_begins_after_its_jitter_and_not_before(sqlite_store: Store) -> None:
    every = stream(every=HOURLY)
    one = scheduler(sqlite_store, connection(always(), every))
    now = datetime.now(UTC)
    queued_and_done(sqlite_store, one, now)
    started(sqlite_store, now)
    moment = now + HOURLY + jitter("shop", every)
    assert due(sqlite_store, one, moment - timedelta(seconds=1)) == []
    assert due(sqlite_store, one, moment) == ["customers"]


def test_nothing_is_queued_in_a_maintenance_window(sqlite_store: Store) -> None:
    window = Window.model_validate({"from": "23:30", "to": "01:00", "timezone": "Australia/Sydney"})
    one = scheduler(sqlite_store, connection(always(), stream(every=HOURLY)), maintenance=(window,))
    for clock, new in [("13:29", 1), ("13:30", 0), ("14:59", 0)]:  # Sydney is ten hours ahead in July
        assert len(one.tick(at(f"2026-07-01 {clock}"))) == new
    drain(sqlite_store, settings(connection(always(), stream(every=HOURLY))))
    started(sqlite_store, at("2026-07-01 12:00"))
    assert one.tick(at("2026-07-01 14:59")) == []
    assert len(one.tick(at("2026-07-01 15:00"))) == 1


def test_news_is_derived_without_a_stream_that_is_due(store: Store) -> None:
    one = scheduler(store, connection(always()))
    assert one.tick(datetime.now(UTC)) == []
    store.write(lambda db: mark(db, [("email", "alice@example.com")]))
    (run_id,) = one.tick(datetime.now(UTC))
    assert one.tick(datetime.now(UTC)) == []
    assert [(row["id"], row["kind"]) for row in rows(store, runs)] == [(run_id, "derive")]
    drain(store, one.settings)
    assert one.tick(datetime.now(UTC)) == []


@pytest.mark.parametrize("error", [errors.AuthError("refused"), errors.ConfigError("no such list")])
def test_a_stream_that_needs_a_person_rests_until_a_sync_by_hand_works(store: Store, error: Exception) -> None:
    def refusing(one: Stream, cursor: Cursor | None) -> Iterator[Page]:
        raise error

    broken, mended = (connection(pull, stream(every=HOURLY)) for pull in (refusing, always(page([ALICE]))))
    queued_and_done(store, scheduler(store, broken), datetime.now(UTC))
    started(store, datetime.now(UTC) - timedelta(days=1))
    later = datetime.now(UTC)
    assert due(store, scheduler(store, mended), later) == []
    sync(store, mended)
    started(store, later - timedelta(days=1))
    assert len(due(store, scheduler(store, mended), later)) == 1


def test_a_stream_that_failed_otherwise_is_tried_at_its_next_slot(sqlite_store: Store) -> None:
    def down(one: Stream, cursor: Cursor | None) -> Iterator[Page]:
        raise errors.VendorDown("down")

    one = scheduler(sqlite_store, connection(down, stream(every=HOURLY)))
    now = datetime.now(UTC)
    queued_and_done(sqlite_store, one, now)
    assert due(sqlite_store, one, now + timedelta(minutes=59)) == []
    assert len(due(sqlite_store, one, now + timedelta(minutes=62))) == 1


@pytest.mark.parametrize("by_hand", [False, True], ids=["queued", "by hand"])
def test_a_paused_run_waits_until_the_vendor_said(sqlite_store: Store, by_hand: bool) -> None:
    now = datetime.now(UTC)

    def busy(one: Stream, cursor: Cursor | None) -> Iterator[Page]:
        raise errors.RateLimited("later", now + timedelta(hours=5))

    vendor = connection(busy, stream(every=HOURLY))
    one = scheduler(sqlite_store, vendor)
    if by_hand:
        sync(sqlite_store, vendor)
    else:
        queued_and_done(sqlite_store, one, now)
    assert due(sqlite_store, one, now + timedelta(hours=4)) == []
    # what was queued goes on as the same run, by the sweeper's hand
    assert len(due(sqlite_store, one, now + timedelta(hours=6))) == (1 if by_hand else 0)


def test_paused_connections_are_left_alone(sqlite_store: Store) -> None:
    paused = connection(always(), stream(every=HOURLY), name="newsletter", paused=True)
    active = connection(always(), stream(every=HOURLY))
    with sqlite_store.read() as db:
        found = list(scheduler(sqlite_store, active, paused).due(db, datetime.now(UTC)))
    assert [place.connection for place, _ in found] == ["shop"]


class Broken(Inline):
    def ring(self, runs: object) -> int:
        raise BellBroken("Redis does not take jobs")


@pytest.mark.fault("P10")
def test_a_slot_that_nobody_could_be_told_of_is_queued_all_the_same(sqlite_store: Store) -> None:
    one = Scheduler(sqlite_store, settings(connection(always(), stream(every=HOURLY))), Broken())
    assert len(one.tick(datetime.now(UTC))) == 1
    assert [row["status"] for row in rows(sqlite_store, runs)] == ["queued"]


WEEKLY = Reconcile(every=timedelta(days=7))


def whole(store: Store, one: Scheduler, now: datetime) -> list[str]:
    with store.read() as db:
        return [place.stream for place, _ in one.due_whole(db, now)]


def read_whole(store: Store, when: datetime) -> None:
    store.write(lambda db: db.execute(update(states).values(reconcile_from=when)))


def test_a_reconciliation_is_due_on_its_own_schedule_counted_from_the_first_pull(store: Store) -> None:
    one = scheduler(store, connection(always(page([ALICE])), stream(every=HOURLY, reconcile=WEEKLY), stream("orders")))
    now = datetime.now(UTC)
    assert whole(store, one, now + timedelta(days=30)) == []
    queued_and_done(store, one, now)
    assert whole(store, one, now + timedelta(days=6)) == []
    later = now + timedelta(days=7, minutes=1)
    started(store, later)
    assert whole(store, one, later) == ["customers"]
    assert [len(one.tick(later)), len(one.tick(later))] == [1, 0]
    assert [row["kind"] for row in rows(store, runs) if row["status"] == "queued"] == ["reconcile"]
    drain(store, one.settings)
    assert (whole(store, one, later - HOURLY), len(rows(store, passes))) == ([], 1)


def test_a_reconciliation_by_hand_counts_too_and_one_without_a_schedule_never_is_due(store: Store) -> None:
    weekly = connection(always(page([ALICE])), stream(reconcile=WEEKLY))
    one, now = scheduler(store, weekly), datetime.now(UTC)
    sync(store, weekly)
    read_whole(store, now - timedelta(days=8))
    assert whole(store, one, now) == ["customers"]
    assert whole(store, scheduler(store, connection(always(), stream())), now) == []
    sync(store, weekly, wish=Wish(reconcile=True))
    assert whole(store, one, datetime.now(UTC)) == []


def test_a_nightly_reconciliation_keeps_to_its_zone(sqlite_store: Store) -> None:
    nightly = Reconcile(cron="0 3 * * *", timezone="Australia/Sydney")
    one = scheduler(sqlite_store, connection(always(page([ALICE])), stream(every=HOURLY, reconcile=nightly)))
    queued_and_done(sqlite_store, one, at("2026-07-01 12:00"))
    read_whole(sqlite_store, at("2026-07-01 12:00"))
    assert whole(sqlite_store, one, at("2026-07-01 16:59")) == []
    assert whole(sqlite_store, one, at("2026-07-01 17:01")) == ["customers"]


def test_a_reconciliation_rests_with_its_stream_and_while_its_vendor_wants_it_later(sqlite_store: Store) -> None:
    def refusing(error: Exception) -> Any:
        def pull(one: Stream, cursor: Cursor | None) -> Iterator[Page]:
            raise error

        return connection(pull, stream(reconcile=WEEKLY))

    store, later = sqlite_store, datetime.now(UTC) + timedelta(days=9)
    busy, wrong = refusing(errors.RateLimited("later", later + HOURLY)), refusing(errors.AuthError("refused"))
    sync(store, connection(always(page([ALICE])), stream(reconcile=WEEKLY)))
    sync(store, busy, wish=Wish(reconcile=True))
    assert whole(store, scheduler(store, busy), later) == []
    sync(store, wrong)
    assert whole(store, scheduler(store, wrong), later + timedelta(days=1)) == []
