"""Short ways to queue, perform and sweep in these tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from sqlalchemy import update

from connectors.kit.base import Cursor, Page, Stream
from hub.jobs.doorbell import Inline
from hub.jobs.ends import RunEnd
from hub.jobs.perform import Performer
from hub.jobs.queue import queue_run, queued
from hub.jobs.sweeper import Sweeper, Swept
from hub.settings.settings import Settings
from hub.stages.place import Place
from hub.stages.runs import runs
from hub.store.clock import database_now
from hub.store.engine import Store
from hub.store.leases import leases
from tests.hub.world import PLACE, Pulling, minute, page, person, rows

MOST_RUNS = 100


def put_in(store: Store, slot: str = "10:00", kind: str = "pull", place: Place = PLACE) -> int:
    """Queue a run; its number."""
    run_id = store.write(lambda db: queue_run(db, place, kind, slot, "a test"))
    assert run_id is not None
    return run_id


def performer(store: Store, found: Settings, **how: Any) -> Performer:
    return Performer(store, found, **how)


def drain(store: Store, found: Settings, **how: Any) -> list[RunEnd]:
    """Perform what waits, and what that brings, until nothing waits; how each ended."""
    ends: list[RunEnd] = []
    while len(ends) < MOST_RUNS:
        with store.read() as db:
            waiting = queued(db)
        if not waiting:
            return ends
        end = performer(store, found, **how).perform(waiting[0].id)
        assert end is not None
        ends.append(end)
    raise AssertionError(f"it has no end: {ends[-1]}")


def sweep(store: Store, found: Settings) -> Swept:
    return Sweeper(store, found, Inline()).sweep()


def run_out(store: Store) -> None:
    """As if every holder had not been heard of for longer than its lease."""
    store.write(lambda db: db.execute(update(leases).values(until=database_now(db) - timedelta(seconds=1))))


def the_run(store: Store) -> dict[str, Any]:
    (row,) = [row for row in rows(store, runs) if row["kind"] == "pull"]
    return row


def after_the_first_page(act: Callable[[], None], pages: int = 4) -> Pulling:
    """A vendor that gives a record a page, and at which something happens between the first page and the next."""

    def pull(one: Stream, cursor: Cursor | None) -> Iterator[Page]:
        began = cursor.position if cursor and cursor.position else minute(0)
        first = True
        for number in range(1, pages + 1):
            if minute(number) < began:
                continue
            yield page([person(f"p{number}", at=minute(number), name=f"Person {number}")])
            if first:
                act()
            first = False

    return pull
