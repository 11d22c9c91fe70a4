"""What a person does to runs and streams: a pull now, a pause that outlives the schedule, a run that ends early."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from hub.jobs import by_hand, cancelling
from hub.jobs.cancelling import CannotCancel, cancel
from hub.jobs.doorbell import Inline
from hub.jobs.inline import Runner
from hub.jobs.queue import DERIVE
from hub.jobs.scheduler import Scheduler
from hub.settings.settings import Settings
from hub.stages.land import landed
from hub.stages.pauses import paused
from hub.stages.pull import Wish
from hub.stages.runs import runs
from hub.store.engine import Store
from hub.watch.reporter import Logged
from tests.hub.jobs.play import after_the_first_page, drain, put_in, sweep, the_run
from tests.hub.world import ALICE, PLACE, always, connection, page, rows, settings, stream

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
HOURLY = timedelta(hours=1)


def hourly() -> Settings:
    return settings(connection(always(page([ALICE])), stream("customers", every=HOURLY)))


def tick(store: Store, found: Settings, now: datetime) -> list[int]:
    return Scheduler(store, found, Inline()).tick(now)


def pulls(store: Store) -> list[str]:
    return [row["status"] for row in rows(store, runs) if row["kind"] == "pull"]


def test_a_run_now_waits_for_no_schedule_and_is_queued_once(store: Store) -> None:
    found = settings(connection(always(page([ALICE])), stream("customers")))
    ask = lambda db: by_hand.run_now(db, found, "shop", "customers", "alice")  # noqa: E731
    assert store.write(ask) is not None
    assert store.write(ask) is None
    assert the_run(store)["message"] == "asked for by alice"
    assert drain(store, found)[0].status == "ok"
    assert store.write(ask) is not None


def test_a_paused_stream_begins_nothing_by_itself_until_it_is_resumed(store: Store) -> None:
    found = hourly()
    assert len(tick(store, found, NOW)) == 1
    store.write(lambda db: by_hand.pause(db, "shop", "customers", "alice", NOW))
    assert pulls(store) == ["cancelled"]
    assert tick(store, found, NOW + timedelta(days=1)) == []
    with store.read() as db:
        assert paused(db)["shop", "customers"]["paused_by"] == "alice"
    store.write(lambda db: by_hand.resume(db, "shop", "customers"))
    assert len(tick(store, found, NOW + timedelta(days=1))) == 1


def test_a_person_may_run_what_rests(store: Store) -> None:
    found = hourly()
    store.write(lambda db: by_hand.pause(db, "shop", "customers", "alice", NOW))
    store.write(lambda db: by_hand.run_now(db, found, "shop", "customers", "alice"))
    assert drain(store, found)[0].status == "ok"


def test_what_a_vendor_put_off_does_not_go_on_while_its_stream_rests(store: Store) -> None:
    run_id = put_in(store)
    told = {"status": "paused", "retry_at": datetime.now(UTC) - timedelta(minutes=1)}
    store.write(lambda db: db.execute(update(runs).where(runs.c.id == run_id).values(**told)))
    store.write(lambda db: by_hand.pause(db, PLACE.connection, PLACE.stream, "alice", NOW))
    assert sweep(store, hourly()).resumed == []
    store.write(lambda db: by_hand.resume(db, PLACE.connection, PLACE.stream))
    assert sweep(store, hourly()).resumed == [run_id]


def test_a_waiting_run_that_is_cancelled_had_its_slot(store: Store) -> None:
    """Or the scheduler would queue it anew in the same second."""
    found = hourly()
    (run_id,) = tick(store, found, NOW)
    assert store.write(lambda db: cancel(db, PLACE.installation, run_id, "alice", NOW))
    assert the_run(store)["message"] == "cancelled by alice"
    assert tick(store, found, NOW + timedelta(minutes=1)) == []
    assert drain(store, found) == []
    assert len(tick(store, found, NOW + timedelta(minutes=65))) == 1


def test_a_run_under_way_ends_at_the_next_page_and_keeps_what_it_has(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cancelling, "LOOK_SECONDS", 0.0)
    monkeypatch.setattr("hub.stages.pull.GROUP_RECORDS", 1)
    run_id = put_in(store)
    asked: list[bool] = []

    def wish() -> None:
        asked.append(store.write(lambda db: cancel(db, PLACE.installation, run_id, "alice", NOW)))

    ends = drain(store, settings(connection(after_the_first_page(wish, pages=60))))
    row = the_run(store)
    assert asked == [False]
    assert (row["status"], row["exit_code"], row["cancelled_by"]) == ("cancelled", 0, "alice")
    assert "cancelled by alice" in row["message"]
    assert 0 < row["applied"] == row["fetched"] == len(rows(store, landed)) < 60
    assert [end.stream for end in ends] == ["customers", "derive"]


def test_a_pull_in_the_foreground_hears_it_too(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cancelling, "LOOK_SECONDS", 0.0)
    wish = lambda: store.write(lambda db: cancel(db, PLACE.installation, 1, "alice", NOW))  # noqa: E731
    found = settings(connection(after_the_first_page(wish, pages=60)))
    (end,) = Runner(store, found, Logged()).run_all(found.connections.values(), Wish())
    assert (end.status, end.exit_code) == ("cancelled", 0)
    assert "cancelled by alice" in end.message


def test_what_has_ended_or_goes_on_by_itself_cannot_be_cancelled(store: Store) -> None:
    found = hourly()
    done, derived = put_in(store), put_in(store, kind=DERIVE)
    drain(store, found)
    for run_id in (done, derived, 9_999):
        with pytest.raises(CannotCancel):
            store.write(lambda db, run_id=run_id: cancel(db, PLACE.installation, run_id, "alice", NOW))  # type: ignore[misc]
