"""The embedded size: one thread that queues what is due, does it, and stops at a page when it is told to."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import timedelta

import pytest

from hub.jobs.embedded import Embedded
from hub.settings.settings import Settings
from hub.stages.golden import contacts
from hub.stages.runs import runs
from hub.store.engine import Store
from hub.store.leases import take
from tests.hub.jobs.play import after_the_first_page, put_in, the_run
from tests.hub.world import ALICE, ORDERS_PLACE, Silent, always, connection, page, rows, settings, stream

HOURLY = timedelta(hours=1)


def until(found: Callable[[], object], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not found():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)


def work(store: Store, found: Settings, done: Callable[[], object]) -> None:
    """Run it until something is done, then stop it."""
    stopping = threading.Event()
    thread = threading.Thread(target=Embedded(store, found, Silent(), stopping).run)
    thread.start()
    try:
        until(done)
    finally:
        stopping.set()
        thread.join(20)
    assert not thread.is_alive()


def test_it_does_what_is_due_and_what_that_brings(store: Store) -> None:
    found = settings(connection(always(page([ALICE])), stream(every=HOURLY)))
    work(store, found, lambda: len(rows(store, contacts)) == 1 and {"ok"} == {r["status"] for r in rows(store, runs)})
    assert sorted(row["kind"] for row in rows(store, runs)) == ["derive", "pull"]


@pytest.mark.fault("P04")
def test_told_to_stop_it_puts_the_rest_back(store: Store) -> None:
    stopping = threading.Event()
    found = settings(connection(after_the_first_page(stopping.set), stream(every=HOURLY)))
    Embedded(store, found, Silent(), stopping).run()
    assert (the_run(store)["status"], the_run(store)["slices"]) == ("queued", 1)
    work(store, found, lambda: the_run(store)["status"] == "ok")


def test_a_run_that_somebody_else_is_at_keeps_it_from_nothing(store: Store) -> None:
    store.write(lambda db: take(db, "shop.customers"))
    found = settings(connection(always(page([ALICE])), stream("customers"), stream("orders")))
    put_in(store)
    other = put_in(store, place=ORDERS_PLACE)

    def done() -> bool:
        return {row["id"]: row["status"] for row in rows(store, runs)}[other] == "ok"

    work(store, found, done)
