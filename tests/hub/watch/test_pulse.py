"""Health and readiness: honest about a full disk and a database that hangs, and never slow about it."""

from __future__ import annotations

import asyncio
import resource
import threading
import time
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import pytest
from sqlalchemy import text

from hub.stages import notes
from hub.store.engine import Store
from hub.watch.beats import NOTE, beat
from hub.watch.pulse import Answer, Asked, health, readiness
from tests.hub.watch.scene import scene
from tests.hub.world import opened

T = TypeVar("T")


def in_a_loop(asked: Coroutine[Any, Any, T]) -> T:
    """In a thread of its own: the browser of other tests leaves a loop running in ours."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, asked).result()


def test_a_hub_that_works_is_healthy(store: Store) -> None:
    assert health(store).as_json() == {"status": "ok", "checks": {"process": "ok", "database": "ok"}}


@contextmanager
def full_disk(store: Store) -> Iterator[None]:
    """No file of this process can grow, as on a disk that is full."""
    file = Path(str(store.writer.url.database))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (max(1, file.with_name(f"{file.name}-wal").stat().st_size), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.fault("P09")
def test_a_full_disk_makes_it_red_and_room_green_again(sqlite_store: Store) -> None:
    with full_disk(sqlite_store):
        answer = health(sqlite_store)
    assert (answer.status, answer.as_json()["checks"]["database"]) == (503, "failing")
    assert health(sqlite_store).status == 200


def test_a_database_that_is_gone_makes_it_red(postgres_url: str, postgres_server: object) -> None:
    with opened(postgres_url) as store:
        assert health(store).status == 200
        assert readiness(store, scene()).as_json()["checks"]["database"] == "ok"
        store.write(lambda db: db.execute(text("ALTER TABLE note RENAME TO elsewhere")))
        assert health(store).status == 503


def test_it_is_ready_once_a_worker_was_seen(store: Store) -> None:
    assert readiness(store, scene()).checks["worker"] == "silent"
    store.write(beat)
    assert readiness(store, scene()).status == 200
    store.write(lambda db: notes.put(db, NOTE, "2026-01-01T00:00:00+00:00"))
    assert readiness(store, scene()).checks["worker"] == "silent"


def test_another_schema_or_another_installation_is_not_ready(store: Store) -> None:
    store.write(beat)
    store.write(lambda db: notes.put(db, "installation", "elsewhere"))
    assert readiness(store, scene()).checks["settings"] == "other"
    store.write(lambda db: db.execute(text("UPDATE alembic_version SET version_num = '0001'")))
    assert readiness(store, scene()).checks == {"database": "ok", "schema": "other"}


def test_a_check_that_hangs_is_answered_in_time_and_costs_one_thread_however_many_ask() -> None:
    release, running = threading.Event(), []

    def hang() -> Answer:
        running.append(threading.current_thread())
        release.wait(30)
        return Answer({"database": "ok"})

    asked = Asked(hang)

    async def probes() -> list[Answer]:
        return await asyncio.gather(*(asked.answer(0.2) for _ in range(50)))

    began = time.monotonic()
    try:
        answers = in_a_loop(probes())
        assert time.monotonic() - began < 2
        assert {answer.status for answer in answers} == {503}
        assert len(running) == 1
    finally:
        release.set()
    running[0].join(5)
    assert in_a_loop(asked.answer()).status == 200


def test_a_crowd_of_probes_makes_one_check_a_second() -> None:
    made = []

    def check() -> Answer:
        made.append(1)
        return Answer({"database": "ok"})

    asked = Asked(check)
    for _ in range(20):
        assert in_a_loop(asked.answer()).status == 200
    assert len(made) == 1


def test_a_bug_in_a_check_is_no_good_health() -> None:
    def broken() -> Answer:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        in_a_loop(Asked(broken).answer())
