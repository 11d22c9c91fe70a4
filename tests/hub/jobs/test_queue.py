"""The queue: a slot has one run, news has one that waits, one worker gets it, and no status follows any other."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import update

from hub.jobs.queue import DERIVE, claim, derive_place, put_back, queue_run, queue_soon, queued
from hub.stages.run_status import FOLLOWS, move
from hub.stages.runs import runs, state_of
from hub.store.engine import Store
from tests.hub.jobs.play import put_in
from tests.hub.world import ORDERS_PLACE, PLACE, rows

NEWS = derive_place("test-hub")


def waiting(store: Store) -> list[int]:
    with store.read() as db:
        return [run.id for run in queued(db)]


def soon(store: Store) -> int | None:
    return store.write(lambda db: queue_soon(db, NEWS, DERIVE, "news"))


@pytest.mark.fault("P07")
def test_a_slot_has_one_run_however_many_queue_it(store: Store) -> None:
    def insert(_: int) -> int | None:
        return store.write(lambda db: queue_run(db, PLACE, "pull", "2026-07-01T10:15Z", "its slot"))

    with ThreadPoolExecutor(4) as threads:
        made = list(threads.map(insert, range(12)))
    assert len([one for one in made if one is not None]) == 1
    assert len(rows(store, runs)) == 1


def test_another_slot_stream_or_kind_is_another_run(store: Store) -> None:
    put_in(store, "10:00")
    put_in(store, "10:15")
    put_in(store, "10:00", place=ORDERS_PLACE)
    put_in(store, "10:00", kind="reconcile")
    assert len(waiting(store)) == 4


@pytest.mark.fault("P07")
def test_news_waits_once_until_somebody_begins_with_it(store: Store) -> None:
    with ThreadPoolExecutor(4) as threads:
        made = [one for one in threads.map(lambda _: soon(store), range(8)) if one is not None]
    (first,) = made
    store.write(lambda db: claim(db, NEWS, first))
    second = soon(store)
    assert second is not None
    assert soon(store) is None
    assert waiting(store) == [second]


def test_news_that_was_lost_and_waits_again_is_not_doubled(store: Store) -> None:
    first = soon(store)
    assert first is not None
    store.write(lambda db: claim(db, NEWS, first))
    store.write(lambda db: put_back(db, first, "its worker died"))
    assert soon(store) is None
    assert waiting(store) == [first]


@pytest.mark.fault("P06")
def test_of_many_workers_one_gets_a_run(store: Store) -> None:
    run_id = put_in(store)
    with ThreadPoolExecutor(4) as threads:
        got = list(threads.map(lambda _: store.write(lambda db: claim(db, PLACE, run_id)) is not None, range(8)))
    assert got.count(True) == 1


def test_the_schedule_counts_from_the_first_slice_of_a_run(store: Store) -> None:
    run_id = put_in(store)
    begun = store.write(lambda db: claim(db, PLACE, run_id))
    assert begun is not None
    with store.read() as db:
        first = state_of(db, PLACE)["last_started_at"]
    store.write(lambda db: put_back(db, run_id, "more to read"))
    again = store.write(lambda db: claim(db, PLACE, run_id))
    assert again is not None
    assert (again["slices"], again["started_at"]) == (2, begun["started_at"])
    with store.read() as db:
        assert state_of(db, PLACE)["last_started_at"] == first


def test_pushes_are_first_and_what_was_put_back_is_last(store: Store) -> None:
    pull, derive, push = put_in(store), put_in(store, kind="derive"), put_in(store, kind="push")
    assert waiting(store) == [push, pull, derive]
    store.write(lambda db: claim(db, PLACE, pull))
    store.write(lambda db: put_back(db, pull, "more to read"))
    assert waiting(store) == [push, derive, pull]


def test_a_push_that_was_put_back_has_only_a_backlog_left_and_waits_its_turn(store: Store) -> None:
    pull, push = put_in(store), put_in(store, kind="push")
    store.write(lambda db: claim(db, PLACE, push))
    store.write(lambda db: put_back(db, push, "goes on from here"))
    assert waiting(store) == [pull, push]
    newer = put_in(store, "11:00", kind="push")
    assert waiting(store) == [newer, pull, push]


@pytest.mark.parametrize("before", sorted(FOLLOWS))
def test_a_status_follows_only_those_that_the_table_names(sqlite_store: Store, before: str) -> None:
    run_id = put_in(sqlite_store)
    for after in FOLLOWS:
        sqlite_store.write(lambda db: db.execute(update(runs).values(status=before)))
        done = sqlite_store.write(lambda db, after=after: move(db, run_id, after))  # type: ignore[misc]
        assert done == (after in FOLLOWS[before])
        assert rows(sqlite_store, runs)[0]["status"] == (after if done else before)
