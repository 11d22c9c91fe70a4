"""A page's write takes its turn: it waits for the one writer of SQLite, and does not give up before others do."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from hub.store import waiting
from hub.store.engine import Store, open_store

HELD_SECONDS = 0.2


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(f"sqlite:///{tmp_path / 'hub.db'}")
    opened.write(lambda db: db.execute(text("CREATE TABLE said (word TEXT)")))
    yield opened
    opened.close()


@contextmanager
def somebody_writing(store: Store) -> Iterator[threading.Event]:
    """Set as soon as they have ended."""
    begun, ended = threading.Event(), threading.Event()

    def work(db: Connection) -> None:
        db.execute(text("INSERT INTO said VALUES ('first')"))
        begun.set()
        time.sleep(HELD_SECONDS)
        ended.set()

    thread = threading.Thread(target=store.write, args=(work,))
    thread.start()
    begun.wait(5)
    yield ended
    thread.join()


def words_after(store: Store, ended: threading.Event) -> list[str]:
    def work(db: Connection) -> list[str]:
        assert ended.is_set()
        db.execute(text("INSERT INTO said VALUES ('second')"))
        return list(db.execute(text("SELECT word FROM said ORDER BY rowid")).scalars())

    return store.for_pages.write(work)


def test_it_looks_often_and_begins_when_the_other_has_ended(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[bool] = []
    look = waiting._has_begun
    monkeypatch.setattr(waiting, "_has_begun", lambda driver: looks.append(look(driver)) or looks[-1])
    with somebody_writing(store) as ended:
        assert words_after(store, ended) == ["first", "second"]
    assert looks == [False] * (len(looks) - 1) + [True]
    assert len(looks) > 5


def test_it_waits_on_as_everybody_does_when_the_other_takes_long(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "_ALERT_SECONDS", HELD_SECONDS / 10)
    with somebody_writing(store) as ended:
        assert words_after(store, ended) == ["first", "second"]


def test_it_leaves_the_connection_as_patient_as_it_was(store: Store) -> None:
    before = store.write(lambda db: db.execute(text("PRAGMA busy_timeout")).scalar_one())
    assert store.for_pages.write(lambda db: db.execute(text("PRAGMA busy_timeout")).scalar_one()) == before
