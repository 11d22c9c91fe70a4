"""Breaking something in the demo: a vendor that turns calls away, and a worker that dies; the sums still add up."""

from __future__ import annotations

import threading
import time

import requests

from connectors.kit.simulator import serve
from hub.cli.breaking import STORM, Mortal, breaks_of, work
from hub.cli.hub import Hub
from hub.demo.vendors import Vendors
from hub.jobs.by_hand import run_now
from hub.stages.runs import buckets_of, runs
from hub.store.engine import Store
from tests.hub.jobs.play import run_out, sweep, the_run
from tests.hub.jobs.test_embedded import until
from tests.hub.world import Silent, always, connection, page, person, rows, settings, sqlite_store

__all__ = ["sqlite_store"]

PEOPLE = page([person(f"p{number}", name=f"Person {number}") for number in range(30)])


def hub_of(store: Store) -> Hub:
    return Hub(settings(connection(always(PEOPLE))), store)


def test_a_worker_that_is_killed_leaves_a_run_which_another_one_brings_to_its_end(sqlite_store: Store) -> None:
    hub, mortal, stopping = hub_of(sqlite_store), Mortal(Silent()), threading.Event()
    sqlite_store.write(lambda db: run_now(db, hub.settings, "shop", "customers", "alice", full=True))
    mortal.kill()
    worker = threading.Thread(target=work, args=(hub, mortal, stopping))
    worker.start()
    try:
        until(lambda: the_run(sqlite_store)["fetched"] == 30)
        time.sleep(0.1)
        assert worker.is_alive()
        assert the_run(sqlite_store)["status"] == "running"
        run_out(sqlite_store)
        sweep(sqlite_store, hub.settings)
        until(lambda: the_run(sqlite_store)["status"] == "ok")
    finally:
        stopping.set()
        worker.join(20)
    row = the_run(sqlite_store)
    assert (row["attempt"], row["applied"], row["full"]) == (2, 30, True)
    assert (row["fetched"], row["unchanged"]) == (60, 30)
    with sqlite_store.read() as db:
        found = db.execute(runs.select().where(runs.c.id == row["id"])).mappings().one()
    assert buckets_of(found).add_up()


def test_a_storm_turns_calls_away_and_passes(sqlite_store: Store) -> None:
    vendors, hub = Vendors(), hub_of(sqlite_store)
    storm, kill = breaks_of(hub, vendors, Mortal(Silent()))
    assert (storm.name, kill.name) == ("storm", "worker")
    vendors.newsletter.script(STORM)
    with serve(vendors.newsletter) as server:
        statuses = [requests.get(server.base_url + "/3.0/ping", timeout=5).status_code for _ in range(STORM.times + 1)]
    assert statuses[:-1] == [429] * STORM.times
    assert statuses[-1] != 429


def test_breaking_the_worker_begins_the_run_at_which_it_dies(sqlite_store: Store) -> None:
    hub = hub_of(sqlite_store)
    _, kill = breaks_of(hub, Vendors(), Mortal(Silent()))
    kill.act()
    (row,) = rows(sqlite_store, runs)
    assert (row["status"], row["full"], row["message"]) == ("queued", True, "asked for by break something")
