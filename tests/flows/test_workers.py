"""Workers as processes, on real databases and a real Redis: killed, stopped, forgotten, and all is done."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.flows.service import Service, alive, children_of, kill, parent_of, service, until
from tests.flows.terminal import Hub, attended
from tests.flows.world import World
from tests.services import Redis

LATE = 2.0


@pytest.fixture
def running(world: World, redis_server: Redis, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    monkeypatch.setenv("HUB_DATABASE", database_url)
    with service(world, redis_server, database_url) as found:
        yield found


@pytest.fixture
def on_sqlite(world: World, redis_server: Redis, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    """For what does not depend on the database."""
    url = f"sqlite:///{tmp_path}/hub.db"
    monkeypatch.setenv("HUB_DATABASE", url)
    with service(world, redis_server, url) as found:
        yield found


@pytest.fixture
def on_postgres(
    world: World, redis_server: Redis, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Service]:
    monkeypatch.setenv("HUB_DATABASE", postgres_url)
    with service(world, redis_server, postgres_url) as found:
        yield found


def check(running: Service, undisturbed: Hub) -> None:
    """Everything was done, and what is known is what an undisturbed sync of the same vendors knows."""
    told = running.all_done()
    assert {row["status"] for row in told} == {"ok"}, [(row["id"], row["status"], row["message"]) for row in told]
    assert running.holders() == {}
    before = running.facts()
    undisturbed.here("sync")
    assert running.facts() == before


@pytest.mark.fault("P01")
@pytest.mark.fault("P16")
def test_a_killed_child_costs_nothing_but_its_slice(on_postgres: Service) -> None:
    running = on_postgres
    running.slow(LATE)
    running.begin_a_round()
    running.crew()
    run_id, horse = running.at_the_shop()
    kill(horse)
    killed_at = time.monotonic()
    until(lambda: running.run(run_id)["attempt"] == 2)
    assert time.monotonic() - killed_at < 5
    check(running, running.hub)
    assert running.run(run_id)["attempt"] == 2


@pytest.mark.fault("P02")
def test_a_child_dies_with_its_killed_parent_and_is_followed_by_another(on_sqlite: Service) -> None:
    running = on_sqlite
    running.slow(LATE)
    running.begin_a_round()
    crew = running.crew()
    run_id, horse = running.at_the_shop()
    worker = parent_of(horse)
    assert parent_of(worker) == crew.pid
    kill(worker)
    until(lambda: not alive(horse), LATE / 2)  # an orphan would still wait for the shop
    check(running, running.hub)
    assert running.run(run_id)["attempt"] == 2
    assert crew.poll() is None


@pytest.mark.fault("P03")
def test_a_crew_that_is_killed_whole_is_noticed_by_another(on_postgres: Service) -> None:
    running = on_postgres
    for _ in ("customers", "orders"):
        running.slow(4 * LATE)
    for crew in (running.crew(), running.crew()):
        until(lambda crew=crew: children_of(crew.pid))
    running.begin_a_round()
    run_id, horse = running.at_the_shop()
    kill(parent_of(parent_of(horse)))
    killed_at = time.monotonic()
    until(lambda: not alive(horse), LATE / 2)
    until(lambda: running.run(run_id)["attempt"] == 2)
    assert time.monotonic() - killed_at < 10
    check(running, running.hub)


@pytest.mark.fault("P10")
@pytest.mark.parametrize("what", ["flushed", "killed and empty", pytest.param("away", marks=pytest.mark.slow)])
def test_whatever_happens_to_redis_all_that_was_queued_is_done(on_sqlite: Service, what: str) -> None:
    running = on_sqlite
    running.slow(LATE)
    runs = running.begin_a_round()
    running.crew()
    running.at_the_shop()  # some are done, one is under way, some wait
    if what == "flushed":
        with running.redis.client() as client:
            client.flushall()
    else:
        running.redis.kill()
        time.sleep(LATE + 1 if what == "away" else 0)  # so that the end of the job falls into it
        running.redis.start()
    check(running, running.hub)
    assert [running.run(run_id)["attempt"] for run_id in runs] == [1] * len(runs)


@pytest.mark.slow
@pytest.mark.fault("P10")
def test_runs_that_were_queued_while_redis_was_away_are_done_when_it_is_back(on_sqlite: Service) -> None:
    on_sqlite.redis.kill()
    assert len(on_sqlite.begin_a_round()) == 10
    on_sqlite.crew()
    time.sleep(3)
    assert {row["status"] for row in on_sqlite.told()} == {"queued"}
    on_sqlite.redis.start()
    check(on_sqlite, on_sqlite.hub)


@pytest.mark.fault("P04")
def test_sigterm_stops_a_worker_at_a_page_and_the_rest_waits(on_sqlite: Service) -> None:
    running = on_sqlite
    running.slow(1.5)
    running.begin_a_round()
    process = running.hub.start("worker")
    with attended(process):
        run_id, _ = running.at_the_shop()
        process.send_signal(signal.SIGTERM)
        asked_at = time.monotonic()
        assert process.wait(timeout=30) == 0
        assert time.monotonic() - asked_at < 10
        assert "Stopping at the next page." in (process.stderr.read() if process.stderr else "")
    told = running.told()
    assert {row["status"] for row in told} <= {"ok", "queued"}
    assert running.holders() == {}
    assert running.run(run_id)["attempt"] == 1
    running.crew()
    check(running, running.hub)


@pytest.mark.slow
@pytest.mark.fault("P04")
def test_sigterm_at_twenty_moments(on_sqlite: Service) -> None:
    """To the crew, and as systemd does to everybody at once, at moments of which some lie between two jobs."""
    moments = random.Random(5)
    for _ in range(20):
        on_sqlite.begin_a_round()
        crew = on_sqlite.crew()
        until(lambda crew=crew: children_of(crew.pid))
        time.sleep(moments.uniform(0, 1.5))
        everybody = [crew.pid, *(pid for child in children_of(crew.pid) for pid in (child, *children_of(child)))]
        for pid in everybody if moments.random() < 0.5 else everybody[:1]:
            try:
                os.kill(pid, signal.SIGTERM)
            except ProcessLookupError:
                continue
        assert crew.wait(timeout=30) == 0
        assert {row["status"] for row in on_sqlite.told()} <= {"ok", "queued"}
        assert on_sqlite.holders() == {}
    on_sqlite.crew()
    check(on_sqlite, on_sqlite.hub)


@pytest.mark.fault("P06")
@pytest.mark.fault("P16")
def test_three_crews_share_a_round_and_nothing_is_done_twice(on_postgres: Service) -> None:
    """Each forks many children from a process that has asked the same database before."""
    running = on_postgres
    runs = running.begin_a_round()
    for _ in range(3):
        running.crew(slice_seconds=0)
    check(running, running.hub)
    assert [running.run(run_id)["attempt"] for run_id in runs] == [1] * len(runs)


@pytest.mark.slow
@pytest.mark.fault("P07")
def test_four_schedulers_queue_one_run_per_slot(running: Service) -> None:
    processes = [running.hub.start("scheduler") for _ in range(4)]
    try:
        until(lambda: len(running.told()) == 10)
        time.sleep(5)
        assert len(running.told()) == 10
        assert len({(row["connection"], row["stream"]) for row in running.told()}) == 10
    finally:
        for process in processes:
            process.send_signal(signal.SIGTERM)
        for process in processes:
            with attended(process, 30):
                assert process.wait() == 0


def test_without_a_redis_a_worker_says_what_to_do(world: World, tmp_path: Path) -> None:
    hub = Hub(world.config, f"sqlite:///{tmp_path}/hub.db")
    for command in ("worker", "scheduler"):
        assert "hub.yaml names none: write  redis:" in hub.here(command, code=78).stderr


@pytest.mark.fault("P01")
def test_a_killed_hub_up_is_gone_on_with_by_the_next(on_sqlite: Service) -> None:
    """The embedded size needs no Redis for that: it is stopped here, and nobody misses it."""
    on_sqlite.redis.kill()
    on_sqlite.slow(LATE)
    with attended(on_sqlite.hub.start("up", "--port", "0")) as first:
        run_id, worker = on_sqlite.at_the_shop()
        assert worker == first.pid
        kill(first.pid)
        first.wait()
    with attended(on_sqlite.hub.start("up", "--port", "0")):
        check(on_sqlite, on_sqlite.hub)
    assert on_sqlite.run(run_id)["attempt"] == 2
