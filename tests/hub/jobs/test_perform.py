"""Performing a run: in slices, under a lease, with what follows queued in the same breath; and never by two."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import delete, event

from connectors.kit import errors
from connectors.kit.base import Cursor, Page
from hub.jobs.queue import queue_run
from hub.queries.digest import digest
from hub.settings.windows import Window
from hub.stages.golden import contacts
from hub.stages.land import landed
from hub.stages.runs import runs
from hub.store import heart as heart_module
from hub.store.engine import Store
from hub.store.heart import Heart
from hub.store.leases import AlreadyRunning, leases, stale, take
from tests.hub.jobs.play import after_the_first_page, drain, performer, put_in, run_out, sweep, the_run
from tests.hub.world import (
    ALICE,
    BOB,
    ORDERS_PLACE,
    PLACE,
    always,
    connection,
    minute,
    opened,
    page,
    person,
    rows,
    settings,
    stream,
    sync,
)

PEOPLE = [person(f"p{number}", at=minute(number), name=f"Person {number}") for number in range(1, 30)]


def by_the_minute(one: Any, cursor: Cursor | None) -> Any:
    """A vendor with a record a page, asked from a time on."""
    start = cursor.position if cursor and cursor.position else minute(0)
    return iter([page([record]) for record in PEOPLE if record.changed_at and record.changed_at >= start])


def test_a_pull_queues_one_derive_run_which_makes_the_contacts(store: Store) -> None:
    found = settings(connection(always(page([ALICE, BOB])), stream("customers"), stream("orders")))
    put_in(store)
    put_in(store, place=ORDERS_PLACE)
    ends = drain(store, found)
    assert [(end.stream, end.status) for end in ends] == [("customers", "ok"), ("orders", "ok"), ("derive", "ok")]
    assert "created" in ends[-1].message
    assert rows(store, contacts)
    assert rows(store, leases) == []


@pytest.mark.fault("P15")
def test_a_long_pull_is_done_in_slices_and_reads_what_one_run_reads(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.stages.pull.GROUP_RECORDS", 3)
    found = settings(connection(by_the_minute))
    put_in(store)
    ends = [end for end in drain(store, found, slice_seconds=0.0) if end.stream == "customers"]
    assert [end.status for end in ends[:-1]] == ["queued"] * (len(ends) - 1)
    assert len(ends) > 3
    row = the_run(store)
    assert (row["status"], row["slices"], row["attempt"], row["applied"]) == ("ok", len(ends), 1, len(PEOPLE))
    assert len(rows(store, landed)) == len(PEOPLE)
    assert all(one["versions"] == 1 for one in rows(store, landed))


@pytest.mark.fault("P15")
def test_a_slice_goes_on_until_its_cursor_has_moved(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Or a run that has to read up to its cursor again for longer than a slice would never end."""
    monkeypatch.setattr("hub.stages.pull.GROUP_RECORDS", 1)
    same = [page([one], position=minute(1)) for one in PEOPLE[:9]]
    put_in(store)
    sync(store, connection(always(same[0])))
    ends = drain(store, settings(connection(always(*same))), slice_seconds=0.0)
    assert [end.status for end in ends if end.stream == "customers"] == ["ok"]


def test_a_snapshot_is_read_in_one_piece(store: Store) -> None:
    everyone = connection(by_the_minute, stream("customers", snapshot=True))
    put_in(store)
    assert drain(store, settings(everyone), slice_seconds=0.0)[0].status == "ok"
    assert the_run(store)["slices"] == 1


@pytest.mark.fault("P04")
def test_asked_to_stop_a_run_waits_again_and_goes_on_from_there(store: Store) -> None:
    stop = threading.Event()
    found = settings(connection(after_the_first_page(stop.set)))
    run_id = put_in(store)
    end = performer(store, found, asked_to_stop=stop.is_set).perform(run_id)
    assert end is not None
    assert (end.status, rows(store, leases)) == ("queued", [])
    assert 0 < the_run(store)["applied"] < 4
    assert performer(store, found, asked_to_stop=stop.is_set).perform(run_id) is None
    drain(store, found)
    assert (the_run(store)["status"], the_run(store)["slices"], len(rows(store, landed))) == ("ok", 2, 4)


@pytest.mark.fault("P06")
def test_who_is_late_finds_the_run_taken_and_does_nothing(store: Store) -> None:
    seen: list[Any] = []

    def another() -> None:
        seen.append(performer(store, found).perform(run_id))
        seen.extend(sync(store, connection(always(page([ALICE])))))

    found = settings(connection(after_the_first_page(another)))
    run_id = put_in(store)
    drain(store, found)
    assert seen[0] is None
    assert (seen[1].status, seen[1].exit_code) == ("running", 73)
    assert the_run(store)["applied"] == 4


def test_a_run_waits_while_a_person_syncs_the_stream(store: Store) -> None:
    held = store.write(lambda db: take(db, "shop.customers"))
    found = settings(connection(always(page([ALICE]))))
    assert performer(store, found).perform(put_in(store)) is None
    assert (the_run(store)["status"], the_run(store)["slices"], held.dead_run) == ("queued", 0, None)


@pytest.mark.fault("P02")
@pytest.mark.parametrize("again", [False, True], ids=["queued again", "done again"])
def test_a_worker_that_lost_its_run_writes_nothing_more(store: Store, again: bool) -> None:
    """An orphan, or one that was asleep for a minute, wakes up after its run was given to another worker."""
    before: list[dict[str, str]] = []

    def asleep() -> None:
        run_out(store)
        assert sweep(store, found).lost == [run_id]
        if again:
            drain(store, settings(connection(always(page(PEOPLE[:1])))))
        with store.read() as db:
            before.append(digest(db)["facts"] | {"run": str(the_run(store))})

    found = settings(connection(after_the_first_page(asleep)))
    run_id = put_in(store)
    end = performer(store, found).perform(run_id)
    assert end is not None
    assert (end.status, end.exit_code) == ("lost", 73)
    with store.read() as db:
        assert before == [digest(db)["facts"] | {"run": str(the_run(store))}]
    drain(store, settings(connection(by_the_minute)))
    assert (the_run(store)["status"], the_run(store)["attempt"]) == ("ok", 2)


@pytest.mark.fault("P02")
def test_a_worker_that_lost_its_run_after_the_last_page_does_not_end_it_either(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lose(*_: object) -> None:
        run_out(store)
        sweep(store, found)

    found = settings(connection(always(page([ALICE]))))
    monkeypatch.setattr("hub.jobs.pulling.Pulling._judge", lose)
    end = performer(store, found).perform(put_in(store))
    assert end is not None
    assert (end.status, the_run(store)["status"], the_run(store)["attempt"]) == ("lost", "queued", 2)
    assert [row["kind"] for row in rows(store, runs)] == ["pull"]


@pytest.mark.parametrize("gone", ["connection", "stream", "paused"])
def test_what_is_not_configured_any_more_is_cancelled_and_its_slot_free_again(store: Store, gone: str) -> None:
    others = {
        "connection": settings(),
        "stream": settings(connection(always(), stream("orders"))),
        "paused": settings(connection(always(), paused=True)),
    }
    end = performer(store, others[gone]).perform(put_in(store))
    assert end is not None
    assert (end.status, the_run(store)["status"]) == ("cancelled", "cancelled")
    assert store.write(lambda db: queue_run(db, PLACE, "pull", "10:00", "again")) is not None


def test_nothing_begins_in_a_maintenance_window(store: Store) -> None:
    now = datetime.now(UTC)
    window = Window.model_validate(
        {"from": f"{now - timedelta(minutes=2):%H:%M}", "to": f"{now + timedelta(minutes=2):%H:%M}", "timezone": "UTC"}
    )
    closed = settings(connection(always(page([ALICE]))), maintenance=(window,))
    run_id = put_in(store)
    assert performer(store, closed).perform(run_id) is None
    assert the_run(store)["status"] == "queued"
    assert drain(store, settings(connection(always(page([ALICE])))))[0].status == "ok"


@pytest.mark.parametrize(
    ("error", "status"),
    [(errors.AuthError("refused"), "failed"), (errors.RateLimited("later", minute(9)), "paused")],
)
def test_a_run_that_goes_wrong_ends_with_the_reason(store: Store, error: Exception, status: str) -> None:
    def pull(one: object, cursor: Cursor | None) -> Any:
        raise error
        yield Page((), Cursor())

    put_in(store)
    drain(store, settings(connection(pull)))
    assert (the_run(store)["status"], the_run(store)["message"]) == (status, str(error))


@pytest.mark.fault("P09")
def test_a_run_that_finds_the_disk_full_goes_on_from_there_when_there_is_room(sqlite_store: Store) -> None:
    store = sqlite_store
    full: list[int] = []

    def limit(db: Any) -> None:
        if full:
            db.exec_driver_sql("PRAGMA max_page_count = 1")

    event.listen(store.writer, "begin", limit)
    found = settings(connection(always(page([person("big", name="x" * 90_000)]))))
    put_in(store)
    full.append(1)
    end = drain(store, found)[0]
    assert (end.status, end.exit_code, end.buckets.applied) == ("paused", 75, 0)
    assert "the database failed (OperationalError)" in end.message
    full.clear()
    store.write(lambda db: db.exec_driver_sql("PRAGMA max_page_count = 1000000"))
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=1), tick=True):
        assert sweep(store, found).resumed == [end.run_id]
        drain(store, found)
    assert (the_run(store)["status"], the_run(store)["applied"], rows(store, landed)[0]["versions"]) == ("ok", 1, 1)


@pytest.mark.fault("P19")
def test_a_clock_that_jumps_on_one_machine_takes_nobodys_lease(postgres_url: str) -> None:
    """The database's clock counts, which is another machine's."""
    with opened(postgres_url) as store:
        store.write(lambda db: take(db, "shop.customers"))
        with time_machine.travel(datetime.now(UTC) + timedelta(hours=1), tick=True):
            with store.read() as db:
                assert stale(db) == []
            with pytest.raises(AlreadyRunning):
                store.write(lambda db: take(db, "shop.customers"))


@pytest.mark.fault("P19")
def test_a_silent_vendor_does_not_cost_the_lease(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """The heart renews it, in database time, however long nothing is committed."""
    monkeypatch.setattr(heart_module, "BEAT_SECONDS", 0.02)
    renewed: list[bool] = []

    def silence() -> None:
        run_out(store)
        for _ in range(200):
            with store.read() as db:
                if not stale(db):
                    renewed.append(True)
                    return
            threading.Event().wait(0.02)

    found = settings(connection(after_the_first_page(silence)))
    put_in(store)
    assert drain(store, found)[0].status == "ok"
    assert renewed == [True]


def test_a_heart_stops_beating_for_work_that_hangs(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heart_module, "BEAT_SECONDS", 0.02)
    held = store.write(lambda db: take(db, "shop.customers", term=timedelta(seconds=5)))
    with Heart(store, held, silence=timedelta(seconds=0.1)) as heart:
        threading.Event().wait(0.3)
        assert not heart._thread.is_alive()
    run_out(store)
    assert store.write(lambda db: take(db, "shop.customers")).token != held.token


def test_a_heart_finds_out_that_the_lease_is_gone(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heart_module, "BEAT_SECONDS", 0.02)
    held = store.write(lambda db: take(db, "shop.customers"))
    store.write(lambda db: db.execute(delete(leases)))
    with Heart(store, held) as heart:
        heart._thread.join(10)
        assert heart.lost
