"""Which troubles of a database pass by themselves, as the databases themselves say them."""

from __future__ import annotations

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError

from hub.store.engine import Store, open_store
from hub.store.trouble import will_pass

TERMINATE = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = :name"


def trouble(store: Store, *statements: str) -> DBAPIError:
    """What comes of these statements."""
    with pytest.raises(DBAPIError) as caught:
        say(store, *statements)
    return caught.value


def say(store: Store, *statements: str) -> None:
    with store.writer.connect() as db, db.begin():
        for statement in statements:
            db.execute(text(statement))


def test_a_statement_that_is_wrong_stays_wrong(store: Store) -> None:
    assert not will_pass(trouble(store, "SELECT nothing FROM nowhere"))


@pytest.mark.fault("P09")
def test_a_full_disk_passes(sqlite_store: Store) -> None:
    filling = "INSERT INTO note (name, value) VALUES ('much', hex(zeroblob(4000000)))"
    error = trouble(sqlite_store, "PRAGMA max_page_count = 1", filling)
    assert "full" in str(error.orig)
    assert will_pass(error)


@pytest.mark.fault("P12")
def test_a_database_that_is_busy_passes(sqlite_store: Store) -> None:
    other = open_store(str(sqlite_store.writer.url))
    event.listen(other.writer, "connect", lambda db, _: db.execute("PRAGMA busy_timeout = 1"))
    try:
        with sqlite_store.writer.connect() as db, db.begin():
            assert will_pass(trouble(other, "DELETE FROM note"))
    finally:
        other.close()


@pytest.mark.fault("P11")
def test_a_server_that_goes_away_passes(postgres_url: str) -> None:
    store, other = open_store(postgres_url), open_store(postgres_url)
    try:
        with store.writer.connect() as db:
            db.execute(text("SELECT 1"))
            name = db.engine.url.database
            other.write(lambda admin: admin.execute(text(TERMINATE), {"name": name}).all())
            with pytest.raises(DBAPIError) as caught:
                db.execute(text("SELECT 1"))
        assert will_pass(caught.value)
    finally:
        store.close()
        other.close()


@pytest.mark.fault("P11")
def test_a_server_that_is_not_there_passes(tmp_path: object) -> None:
    store = open_store(f"postgresql://hub@/hub?host={tmp_path}")
    try:
        assert will_pass(trouble(store, "SELECT 1"))
    finally:
        store.close()
