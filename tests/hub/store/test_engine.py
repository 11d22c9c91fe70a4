"""Transactions: what a reader may do, what a writer survives, and that no update is lost."""

from __future__ import annotations

import stat
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from hub.store.engine import WRITE_TRIES, Store, open_store
from tests.hub.world import opened

THREADS, ROUNDS = 6, 20


def note(db: Connection, name: str) -> int:
    return int(db.execute(text("SELECT value FROM note WHERE name = :name"), {"name": name}).scalar_one())


def put(db: Connection, name: str, value: int) -> None:
    db.execute(text("INSERT INTO note (name, value) VALUES (:name, :value)"), {"name": name, "value": str(value)})


def set_note(db: Connection, name: str, value: int) -> None:
    db.execute(text("UPDATE note SET value = :value WHERE name = :name"), {"name": name, "value": str(value)})


def test_the_sqlite_file_is_private_and_journals_ahead(tmp_path: Path) -> None:
    file = tmp_path / "folder" / "hub.db"
    store = open_store(f"sqlite:///{file}")
    with closing(store), store.writer.connect() as db:
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert db.execute(text("PRAGMA journal_mode")).scalar() == "wal"
        assert db.execute(text("PRAGMA synchronous")).scalar() == 2
        assert db.execute(text("PRAGMA foreign_keys")).scalar() == 1


def test_a_database_in_memory_is_refused() -> None:
    with pytest.raises(ValueError, match="SQLite file"):
        open_store("sqlite://")


def test_a_reader_cannot_write(store: Store) -> None:
    with pytest.raises(DBAPIError, match=r"readonly|read-only"), store.read() as db:
        put(db, "x", 1)


def test_a_reader_is_not_blocked_by_an_open_writer_and_sees_one_moment(store: Store) -> None:
    store.write(lambda db: put(db, "x", 1))
    with store.writer.connect() as writing, writing.begin():
        set_note(writing, "x", 2)
        with store.read() as db:
            assert note(db, "x") == 1


def test_a_snapshot_does_not_move_while_others_commit(store: Store) -> None:
    store.write(lambda db: put(db, "x", 1))
    with store.read() as db:
        assert note(db, "x") == 1
        store.write(lambda other: set_note(other, "x", 2))
        assert note(db, "x") == 1


def test_a_failed_write_leaves_nothing(store: Store) -> None:
    def half(db: Connection) -> None:
        put(db, "x", 1)
        put(db, "x", 2)

    with pytest.raises(IntegrityError):
        store.write(half)
    with store.read() as db:
        assert db.execute(text("SELECT count(*) FROM note")).scalar() == 0


@pytest.mark.fault("P12")
def test_two_writers_that_wait_for_each_other_both_finish(postgres_url: str) -> None:
    with opened(postgres_url) as store:
        store.write(lambda db: (put(db, "a", 0), put(db, "b", 0)))
        both_hold_one = threading.Barrier(2)
        attempts: list[str] = []

        def in_order(names: str) -> Callable[[Connection], None]:
            def work(db: Connection) -> None:
                attempts.append(names)
                for name in names:
                    set_note(db, name, note(db, name) + 1)
                    if len(attempts) <= 2 and name == names[0]:
                        both_hold_one.wait(10)

            return work

        with ThreadPoolExecutor(2) as threads:
            list(threads.map(store.write, [in_order("ab"), in_order("ba")]))
        with store.read() as db:
            assert (note(db, "a"), note(db, "b")) == (2, 2)
    assert len(attempts) > 2


def test_a_writer_that_never_gets_through_gives_up(store: Store) -> None:
    class Gone(Exception):
        sqlstate = "40P01"

    attempts = []

    def work(db: Connection) -> None:
        attempts.append(1)
        raise DBAPIError("SELECT", {}, Gone())

    with pytest.raises(DBAPIError):
        store.write(work)
    assert len(attempts) == WRITE_TRIES


@pytest.mark.fault("P12")
@pytest.mark.fault("M15")
def test_no_increment_is_lost(store: Store) -> None:
    store.write(lambda db: put(db, "counted by the database", 0))
    store.write(lambda db: put(db, "read, then written", 0))
    locked = "" if store.is_sqlite else " FOR UPDATE"

    def work(db: Connection) -> None:
        by_database = text(
            "UPDATE note SET value = CAST(CAST(value AS integer) + 1 AS text) WHERE name LIKE 'counted%'"
        )
        db.execute(by_database)
        held = db.execute(text("SELECT value FROM note WHERE name LIKE 'read%'" + locked)).scalar_one()
        set_note(db, "read, then written", int(held) + 1)

    def many(_: int) -> None:
        for _ in range(ROUNDS):
            store.write(work)

    with ThreadPoolExecutor(THREADS) as threads:
        list(threads.map(many, range(THREADS)))
    with store.read() as db:
        assert note(db, "counted by the database") == THREADS * ROUNDS
        assert note(db, "read, then written") == THREADS * ROUNDS
