"""A worker that dies at a crash point of what the queue gives it: its crew goes on, and all ends as a sync does."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from connectors.kit.simulator import Fault
from hub.crashpoints import POINTS, VARIABLE
from hub.jobs.doorbell import RedisBell
from hub.jobs.scheduler import Scheduler
from hub.stages.runs import runs
from hub.store.engine import Store
from hub.store.leases import leases
from tests.flows.consent.day import MINUTE, State, a_day, finished, start_at
from tests.flows.consent.life import DAWN, settings_of, ticking
from tests.flows.consent.town import FILES, Town, configure, hub_of
from tests.flows.databases import Fresh
from tests.flows.service import SWEEP_SECONDS, until
from tests.flows.terminal import ROOT, attended
from tests.hub.world import opened
from tests.services import Redis

NOT_OF_A_WORKER = ("queue.filled", "generation.filled", "generation.switched")
OF_A_WORKER = [point for point in POINTS if point not in NOT_OF_A_WORKER]
QUICK = {"queue.claimed", "consent.answered"}
HOUR = 60 * MINUTE


@contextmanager
def queued_day(root: Path, url: str, redis: Redis) -> Iterator[tuple[Town, Store]]:
    """The day's town with a Redis, and its database."""
    with a_day(root) as town, opened(url) as store:
        changed = {name.removesuffix(".yaml").replace("/", "_"): text for name, text in FILES.items()}
        changed = {name: text.replace(": {}", ": {every: 12h}") for name, text in changed.items()}
        changed["hub"] += f'redis: "{redis.url}"\n'
        configure(root, town.urls, **changed)
        yield town, store


@contextmanager
def crew_of(town: Town, url: str, **environment: str) -> Iterator[subprocess.Popen[str]]:
    """A `hub worker` whose clock is a minute after dawn."""
    hub = hub_of(town.root, url)
    starts = {"HUB_TEST_STARTS": (DAWN + MINUTE).isoformat()}
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.flows.crew", str(hub.config), str(SWEEP_SECONDS), "60"],
        cwd=ROOT,
        env={**os.environ, **hub.environment, **starts, **environment},
        text=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    with attended(process):
        yield process
        process.send_signal(signal.SIGTERM)
        assert process.wait() == 0


def begin_a_round(town: Town, url: str, store: Store, redis: Redis) -> None:
    bell = RedisBell(redis.url)
    with ticking(DAWN + MINUTE):
        assert Scheduler(store, settings_of(town.root, url), bell).tick(datetime.now(UTC))
    bell.close()


def all_done(store: Store) -> dict[str, int]:
    """Wait until nothing waits or runs, for what follows a run is queued as it ends: how many runs, how many again.

    A dead worker's run is lost where another run of its place was waiting, and goes on instead of it.
    """

    def look() -> list[tuple[str, int]] | None:
        with store.read() as db:
            found = [(row.status, row.attempt) for row in db.execute(select(runs))]
        return None if {status for status, _ in found} & {"queued", "running"} else found

    found: list[tuple[str, int]] = until(look, 120)
    assert {status for status, _ in found} <= {"ok", "lost"}
    assert [status for status, _ in found].count("lost") <= 1
    return {"runs": len(found), "again": sum(attempt > 1 for _, attempt in found)}


def who_is_at_the_shop(store: Store) -> int:
    """The worker's process; 0 while there is none."""
    with store.read() as db:
        holder = db.execute(select(leases.c.holder).where(leases.c.name == "shop.customers")).scalar()
    return int(holder.rsplit(":", 2)[1]) if holder else 0


def check(state: State, expected: State) -> None:
    assert state.changes == expected.changes
    assert state.tags == expected.tags
    assert state.shown == expected.shown
    assert [name for name in expected.people if state.people[name] != expected.people[name]] == []


@pytest.mark.fault("P01")
@pytest.mark.fault("P14")
@pytest.mark.fault("W02")
@pytest.mark.parametrize(
    "point", [pytest.param(one, marks=() if one in QUICK else pytest.mark.slow) for one in OF_A_WORKER]
)
def test_what_a_worker_leaves_that_dies_at_a_crash_point_is_finished_by_the_queue(
    point: str, fresh: Fresh, tmp_path: Path, redis_server: Redis, undisturbed: State
) -> None:
    died = tmp_path / "died"
    with fresh() as url, queued_day(tmp_path, url, redis_server) as (town, store):
        begin_a_round(town, url, store, redis_server)
        if point == "queue.put_back":
            town.shop.script(Fault(match="graphql", delay=2))
        with crew_of(town, url, **{VARIABLE: point, "HUB_TEST_DIED": str(died)}):
            if point == "queue.put_back":
                os.kill(until(lambda: who_is_at_the_shop(store)), signal.SIGTERM)
            until(died.exists, 120)
            told = all_done(store)
        assert told["again"] <= 1
        check(finished(town, url, ("sync", "sync", "sync"), HOUR), undisturbed)


@pytest.mark.slow
@pytest.mark.fault("P01")
@pytest.mark.fault("P07")
def test_what_a_scheduler_leaves_that_dies_before_it_rings_is_done(
    fresh: Fresh, tmp_path: Path, redis_server: Redis, undisturbed: State
) -> None:
    with fresh() as url, queued_day(tmp_path, url, redis_server) as (town, store):
        with attended(start_at(MINUTE, town, url, "scheduler", **{VARIABLE: "queue.filled"})) as scheduler:
            assert scheduler.wait() == -signal.SIGKILL
        with crew_of(town, url):
            assert all_done(store)["again"] == 0
        check(finished(town, url, ("sync", "sync", "sync"), HOUR), undisturbed)
