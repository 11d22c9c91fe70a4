"""The doctor at a database: each thing that can be wrong with it, on a real one."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from hub.settings.settings import Settings
from hub.stages import notes
from hub.stages.freeze import freeze
from hub.stages.runs import runs
from hub.store.engine import Store, open_store
from hub.store.leases import leases
from hub.watch import doctor_database
from hub.watch.doctor_database import database_findings, file_findings, integrity
from hub.watch.doctor_work import work_findings
from hub.watch.finding import Finding
from tests.hub.watch.scene import CANARY, delivery, ended, last_ok, pulled, put, scene, unsent_optout
from tests.hub.watch.test_pulse import full_disk


def wrong(found: Iterable[Finding]) -> dict[str, int]:
    """What is not well, with the exit codes; each has something to do about it."""
    bad = [one for one in found if not one.ok]
    assert all(one.fix for one in bad)
    return {one.subject: one.exit_code for one in bad}


def at(store: Store) -> Settings:
    return replace(scene(), database_url=store.writer.url.render_as_string(hide_password=False))


def look(store: Store) -> dict[str, int]:
    return wrong(database_findings(store, at(store)))


def test_a_new_sqlite_file_is_well(sqlite_store: Store) -> None:
    found = [*file_findings(at(sqlite_store).database_url), *database_findings(sqlite_store, at(sqlite_store))]
    assert wrong(found) == {}
    assert {"file mode", "database", "journal mode", "schema", "writing", "clock", "disk"} <= {
        one.subject for one in found
    }


def test_a_server_that_risks_what_was_committed_is_told_of(postgres_url: str) -> None:
    from tests.hub.world import opened

    with opened(postgres_url) as store:
        # the tests' own server runs without any of them
        assert look(store) == {
            "postgresql fsync": 1,
            "postgresql full_page_writes": 1,
            "postgresql synchronous_commit": 1,
        }


def test_a_file_that_others_can_read_is_told_of_with_its_wal(sqlite_store: Store) -> None:
    url = at(sqlite_store).database_url
    file = Path(str(sqlite_store.writer.url.database))
    for one in (file, file.with_name(f"{file.name}-wal")):
        one.chmod(0o644)
        assert wrong(file_findings(url)) == {"file mode": 1}
        one.chmod(0o600)
    assert wrong(file_findings(url)) == {}


def test_a_file_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    assert wrong(file_findings(f"sqlite:///{tmp_path / 'none.db'}")) == {"database": 78}
    assert list(tmp_path.iterdir()) == []
    assert list(file_findings("postgresql://db.test/hub")) == []


def test_an_older_and_a_newer_schema_and_another_installation(store: Store) -> None:
    def version(number: str) -> dict[str, int]:
        store.write(lambda db: db.execute(text(f"UPDATE alembic_version SET version_num = '{number}'")))
        return {name: code for name, code in look(store).items() if name == "schema"}

    store.write(lambda db: notes.put(db, "installation", "elsewhere"))
    assert look(store)["installation"] == 78
    assert version("0001") == {"schema": 1}
    assert version("9999") == {"schema": 78}


@pytest.mark.fault("P09")
def test_a_full_disk_is_told_of(sqlite_store: Store) -> None:
    look(sqlite_store)
    with full_disk(sqlite_store):
        assert look(sqlite_store) == {"writing": 69}


def test_a_server_that_does_not_answer() -> None:
    store = open_store("postgresql://nobody@127.0.0.1:1/none?connect_timeout=2")
    try:
        assert wrong(database_findings(store, scene())) == {"database": 69}
    finally:
        store.close()


def test_a_clock_that_is_off(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    later = datetime.now(UTC) + timedelta(minutes=5)
    monkeypatch.setattr(doctor_database, "database_now", lambda _: later)
    assert look(store)["clock"] == 1


@pytest.mark.fault("P18")
def test_a_damaged_file_is_found(sqlite_store: Store, tmp_path: Path) -> None:
    assert integrity(sqlite_store).ok
    sqlite_store.write(lambda db: db.execute(text("CREATE TABLE big AS SELECT randomblob(9000) AS a, 1 AS b")))
    file = tmp_path / "copy.db"
    with sqlite3.connect(str(sqlite_store.writer.url.database)) as source, sqlite3.connect(file) as copy:
        source.backup(copy)
    source.close()
    copy.close()
    size = os.path.getsize(file)
    with file.open("r+b") as damaged:
        damaged.seek(4096 * 3)
        damaged.write(os.urandom(size - 4096 * 4))
    store = open_store(f"sqlite:///{file}")
    try:
        assert integrity(store).exit_code == 65
    finally:
        store.close()


def work(store: Store) -> dict[str, int]:
    with store.read() as db:
        found = list(work_findings(db, scene()))
    assert CANARY not in str(found)
    return wrong(found)


def test_work_that_goes_on_is_well(store: Store) -> None:
    pulled(store)
    assert work(store) == {}


def test_stale_leases_old_runs_and_overdue_optouts(store: Store) -> None:
    pulled(store)
    now = datetime.now(UTC)
    put(store, leases, name="shop.customers", token="t", holder="elsewhere:1:1", until=now - timedelta(seconds=5))
    put(store, runs, connection="shop", stream="customers", kind="pull", status="queued", attempt=1,
        queued_at=now - timedelta(minutes=11))  # fmt: skip
    unsent_optout(store, 60 * 24 * 30)
    store.write(lambda db: freeze(db, now))
    assert work(store) == {"leases": 1, "queue": 1, "opt-outs": 1, "optout newsletter": 1, "pushes": 1}


def test_failing_streams_and_dead_letters(store: Store) -> None:
    pulled(store)
    ended(store, "failed", 77, message=f"{CANARY} is refused")
    last_ok(store, ago=200)
    delivery(store, "dead")
    assert work(store) == {"attention shop": 77, "stream shop.customers": 1, "dead_letters newsletter": 1}
