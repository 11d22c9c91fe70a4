"""The sweeper: lost work is noticed from the database alone, tried again a few times, and then told of."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import update

from connectors.kit import errors
from connectors.kit.base import Cursor
from hub.jobs.doorbell import BellBroken, Inline
from hub.jobs.queue import claim
from hub.jobs.standing import running_without_lease, stale_leases, waiting_runs
from hub.jobs.sweeper import MOST_ATTEMPTS, SWEEP_SECONDS, Sweeper
from hub.settings.windows import Window
from hub.stages.runs import begin, runs
from hub.store.engine import Store
from hub.store.heart import BEAT_SECONDS
from hub.store.leases import RUN_TERM, leases, me, take
from tests.hub.jobs.play import drain, performer, put_in, run_out, sweep, the_run
from tests.hub.world import ALICE, PLACE, always, connection, page, rows, settings, sync

FOUND = settings(connection(always(page([ALICE]))))


def begun(store: Store, holder: str = "elsewhere:7:99") -> int:
    """A run that a worker on another machine has begun."""
    run_id = put_in(store)
    _begin_again(store, run_id, holder)
    return run_id


def _begin_again(store: Store, run_id: int, holder: str = "elsewhere:7:99") -> None:
    def work(db: Any) -> None:
        take(db, "shop.customers", run_id, RUN_TERM)
        db.execute(update(leases).values(holder=holder))
        assert claim(db, PLACE, run_id) is not None
        db.execute(update(runs).values(worker=holder))

    store.write(work)


@pytest.mark.fault("P03")
def test_lost_work_is_noticed_within_a_minute() -> None:
    """A lease ends at the latest RUN_TERM after the worker died, and somebody sweeps at the latest then + the rest."""
    assert RUN_TERM.total_seconds() + SWEEP_SECONDS <= 60
    assert RUN_TERM.total_seconds() > 4 * BEAT_SECONDS, "three beats that fail must not cost a lease"


@pytest.mark.fault("P03")
def test_a_worker_elsewhere_is_believed_until_its_lease_ends(store: Store) -> None:
    run_id = begun(store)
    assert sweep(store, FOUND).lost == []
    run_out(store)
    assert sweep(store, FOUND).lost == [run_id]
    row = the_run(store)
    assert (row["status"], row["attempt"], rows(store, leases)) == ("queued", 2, [])
    assert row["message"] == "resumed after the loss of a worker: elsewhere process 7"
    assert drain(store, FOUND)[0].status == "ok"


@pytest.mark.fault("P01")
def test_a_worker_that_died_on_this_machine_is_noticed_at_once(store: Store) -> None:
    with subprocess.Popen([sys.executable, "-c", "pass"]) as ended:
        ended.wait()
    host = me().rsplit(":", 2)[0]
    run_id = begun(store, f"{host}:{ended.pid}:12345")
    assert sweep(store, FOUND).lost == [run_id]


def test_a_run_that_says_it_runs_and_has_no_lease_is_lost(store: Store) -> None:
    run_id = begun(store)
    store.write(lambda db: db.execute(leases.delete()))
    with store.read() as db:
        assert running_without_lease(db) == [run_id]
    assert sweep(store, FOUND).lost == [run_id]


def test_of_many_sweepers_one_puts_a_run_back(store: Store) -> None:
    run_id = begun(store)
    run_out(store)
    with ThreadPoolExecutor(4) as threads:
        swept = list(threads.map(lambda _: sweep(store, FOUND).lost, range(4)))
    assert [run for found in swept for run in found] == [run_id]
    assert the_run(store)["attempt"] == 2


def test_a_run_that_kills_every_worker_is_given_up_and_says_so(store: Store) -> None:
    run_id = begun(store)
    for attempt in range(1, MOST_ATTEMPTS):
        run_out(store)
        sweep(store, FOUND)
        assert (the_run(store)["status"], the_run(store)["attempt"]) == ("queued", attempt + 1)
        _begin_again(store, run_id)
    run_out(store)
    assert sweep(store, FOUND).given_up == [run_id]
    row = the_run(store)
    assert (row["status"], row["exit_code"], row["attempt"]) == ("failed", 65, MOST_ATTEMPTS)
    assert "5 workers died at this run, the last was elsewhere process 7" in row["message"]


def test_what_a_person_began_is_marked_lost_and_what_it_pulled_becomes_contacts(store: Store) -> None:
    def begin_by_hand(db: Any) -> int:
        run_id = begin(db, PLACE, "elsewhere:7:99", full=False)
        take(db, "shop.customers", run_id)
        db.execute(update(leases).values(holder="elsewhere:7:99"))
        return run_id

    run_id = store.write(begin_by_hand)
    run_out(store)
    assert sweep(store, FOUND).lost == [run_id]
    told = [(row["kind"], row["status"]) for row in sorted(rows(store, runs), key=lambda row: row["id"])]
    assert told == [("pull", "lost"), ("derive", "queued")]


def _rate_limited(until: datetime) -> Any:
    def pull(one: object, cursor: Cursor | None) -> Any:
        raise errors.RateLimited("come back later", until)

    return settings(connection(pull))


def test_a_paused_run_goes_on_when_its_vendor_wants_it_back(store: Store) -> None:
    now = datetime.now(UTC)
    put_in(store)
    drain(store, _rate_limited(now + timedelta(minutes=5)))
    with time_machine.travel(now + timedelta(minutes=4), tick=True):
        assert sweep(store, FOUND).resumed == []
    with time_machine.travel(now + timedelta(minutes=6), tick=True):
        assert sweep(store, FOUND).resumed == [the_run(store)["id"]]
    assert (the_run(store)["status"], the_run(store)["finished_at"]) == ("queued", None)
    assert drain(store, FOUND)[0].status == "ok"


def test_a_paused_run_that_another_came_after_stays_what_it_is(store: Store) -> None:
    put_in(store)
    drain(store, _rate_limited(datetime.now(UTC) - timedelta(minutes=1)))
    sync(store, connection(always(page([ALICE]))))
    assert sweep(store, FOUND).resumed == []


class Broken(Inline):
    def ring(self, runs: object) -> int:
        raise BellBroken("Redis does not take jobs")


@pytest.mark.fault("P10")
def test_a_broken_doorbell_keeps_nobody_from_noticing(store: Store) -> None:
    run_id = begun(store)
    run_out(store)
    swept = Sweeper(store, FOUND, Broken()).sweep()
    assert (swept.lost, swept.rung, the_run(store)["status"]) == ([run_id], 0, "queued")


class Counting(Inline):
    def ring(self, runs: Any) -> int:
        return len(runs)


def test_it_rings_for_what_waits_but_not_in_a_maintenance_window(sqlite_store: Store) -> None:
    put_in(sqlite_store)
    now = datetime.now(UTC)
    window = Window.model_validate(
        {"from": f"{now - timedelta(minutes=2):%H:%M}", "to": f"{now + timedelta(minutes=2):%H:%M}", "timezone": "UTC"}
    )
    assert Sweeper(sqlite_store, FOUND, Counting()).sweep().rung == 1
    assert Sweeper(sqlite_store, settings(maintenance=(window,)), Counting()).sweep().rung == 0


def test_it_sweeps_at_most_so_often(sqlite_store: Store) -> None:
    sweeper = Sweeper(sqlite_store, FOUND, Inline(), every=3600)
    assert sweeper.sweep_when_due() is not None
    assert sweeper.sweep_when_due() is None


def test_what_is_late_and_what_waits_can_be_told(store: Store) -> None:
    run_id = begun(store)
    put_in(store, "10:15")
    run_out(store)
    with store.read() as db:
        (late,) = stale_leases(db)
        (waits,) = waiting_runs(db)
    assert (late.name, late.holder, late.run_id) == ("shop.customers", "elsewhere:7:99", run_id)
    assert (waits.kind, waits.runs, 0 <= waits.seconds < 60) == ("pull", 1, True)
    assert performer(store, FOUND).perform(run_id) is None
