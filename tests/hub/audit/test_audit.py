"""What was done by whom is kept as it was written: every change of it shows, and the database refuses to make one."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import delete, text, update
from sqlalchemy.exc import DatabaseError

from hub.audit import Broken, entries, note, verify
from hub.store.engine import Store

NOW = datetime(2026, 5, 1, tzinfo=UTC)


@pytest.fixture
def written(store: Store) -> Store:
    for number in range(1, 6):
        store.write(lambda db, number=number: note(db, NOW, "alice", "reveal", f"c_{number}", {"reason": "a call"}))
    return store


def unguard(store: Store) -> None:
    """What somebody with the rights of the database's owner would do first."""

    def work(db: Any) -> None:
        if db.dialect.name == "sqlite":
            for act in ("update", "delete"):
                db.execute(text(f"DROP TRIGGER audit_entry_no_{act}"))
        else:
            db.execute(text("DROP TRIGGER audit_entry_kept ON audit_entry"))

    store.write(work)


def broken(store: Store) -> Broken | None:
    with store.read() as db:
        return verify(db)


def test_what_was_written_verifies(written: Store) -> None:
    assert broken(written) is None


@pytest.mark.fault("A18")
@pytest.mark.parametrize("change", [update(entries).values(actor="bob"), delete(entries)], ids=["update", "delete"])
def test_the_database_refuses_to_change_it(written: Store, change: Any) -> None:
    with pytest.raises(DatabaseError, match="kept as it was written"):
        written.write(lambda db: db.execute(change))


@pytest.mark.fault("A18")
@pytest.mark.parametrize(
    "changed",
    [
        {"actor": "bob"},
        {"action": "export"},
        {"subject": "c_9"},
        {"details": {"reason": "none"}},
        {"at": datetime(2026, 5, 2, tzinfo=UTC)},
        {"hash": "0" * 64},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_a_row_that_was_edited_is_named(written: Store, changed: dict[str, Any]) -> None:
    unguard(written)
    written.write(lambda db: db.execute(update(entries).where(entries.c.id == 3).values(**changed)))
    found = broken(written)
    assert found is not None
    assert found.number == 3


@pytest.mark.fault("A18")
@pytest.mark.parametrize(("gone", "named"), [(1, 1), (3, 3), (5, 5)])
def test_a_row_that_was_removed_is_named_also_the_newest(written: Store, gone: int, named: int) -> None:
    unguard(written)
    written.write(lambda db: db.execute(delete(entries).where(entries.c.id == gone)))
    found = broken(written)
    assert found is not None
    assert found.number == named


@pytest.mark.fault("A18")
def test_an_act_that_did_not_happen_is_not_written(written: Store) -> None:
    def fails(db: Any) -> None:
        note(db, NOW, "alice", "reveal", "c_6")
        raise RuntimeError

    with pytest.raises(RuntimeError):
        written.write(fails)
    assert broken(written) is None
