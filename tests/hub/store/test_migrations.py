"""The schema: the migrations make what the tables say, on both databases, once, and never on a newer one."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from hub.store.columns import KeyText
from hub.store.engine import Store, open_store
from hub.store.migrate import HEAD, SchemaTooNew, prepare, schema_version, upgrade
from hub.store.tables import DERIVED, FACTS, OPERATING, metadata

NOT_C = """
SELECT table_name || '.' || column_name FROM information_schema.columns
WHERE table_schema = 'public' AND collation_name IS DISTINCT FROM 'C'
"""


def test_the_migrations_make_exactly_what_the_tables_say(store: Store) -> None:
    with store.read() as db:
        assert compare_metadata(MigrationContext.configure(db), metadata) == []
        assert schema_version(db) == HEAD


def test_every_table_is_a_fact_derived_or_operating() -> None:
    listed = [model.__tablename__ for model in (*FACTS, *DERIVED, *OPERATING)]
    assert sorted(map(str, listed)) == sorted(metadata.tables)


def test_preparing_twice_changes_nothing(store: Store) -> None:
    prepare(store)
    store.write(upgrade)
    with store.read() as db:
        assert compare_metadata(MigrationContext.configure(db), metadata) == []


def test_an_empty_database_has_no_schema(empty_database_url: str) -> None:
    store = open_store(empty_database_url)
    try:
        with store.read() as db:
            assert schema_version(db) is None
    finally:
        store.close()


def test_four_hubs_that_start_at_once_make_one_schema(empty_database_url: str) -> None:
    stores = [open_store(empty_database_url) for _ in range(4)]
    try:
        with ThreadPoolExecutor(4) as threads:
            list(threads.map(prepare, stores))
        with stores[0].read() as db:
            assert compare_metadata(MigrationContext.configure(db), metadata) == []
    finally:
        for store in stores:
            store.close()


def test_a_database_of_a_newer_hub_is_left_alone(store: Store) -> None:
    store.write(lambda db: db.execute(text("UPDATE alembic_version SET version_num = '9999'")))
    with pytest.raises(SchemaTooNew, match=r"schema 9999.*restore the backup"):
        prepare(store)


def test_keys_are_compared_by_bytes_on_postgres(postgres_url: str) -> None:
    store = open_store(postgres_url)
    try:
        prepare(store)
        with store.read() as db:
            by_locale = set(db.execute(text(NOT_C)).scalars())
    finally:
        store.close()
    keys = {f"{one.name}.{column.name}" for one in metadata.tables.values() for column in one.columns
            if column.type is KeyText}  # fmt: skip
    assert len(keys) > 40
    assert not keys & by_locale


def test_both_databases_sort_keys_alike(store: Store) -> None:
    words = ["a", "B", "_", "é", "Z", "z", "😀", "\ue000", "10", "9"]
    store.write(lambda db: db.execute(text("INSERT INTO note (name, value) VALUES (:name, '')"),
                                      [{"name": word} for word in words]))  # fmt: skip
    with store.read() as db:
        found = list(db.execute(text("SELECT name FROM note ORDER BY name")).scalars())
    assert found == sorted(words, key=str.encode)


def test_each_table_of_sqlite_lies_as_its_model_says(sqlite_store: Store) -> None:
    lean = {name for name, one in metadata.tables.items() if one.dialect_kwargs.get("sqlite_with_rowid") is False}
    with sqlite_store.read() as db:
        found = {row.name for row in db.execute(text("PRAGMA table_list")) if row.wr}
    assert found == lean
    assert len(lean) > 10


def test_what_stands_in_a_table_outlives_its_new_order(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'hub.db'}")
    try:
        store.write(lambda db: upgrade(db, "0010"))
        marks = [{"channel": "sms", "address": f"+6140000000{number}", "mark": number} for number in (2, 1, 3)]
        put = text("INSERT INTO consent_mark (channel, address, mark) VALUES (:channel, :address, :mark)")
        store.write(lambda db: db.execute(put, marks))
        prepare(store)
        with store.read() as db:
            kept = [dict(row) for row in db.execute(text("SELECT * FROM consent_mark")).mappings()]
        assert kept == sorted(marks, key=lambda one: str(one["address"]))
    finally:
        store.close()


def test_a_pin_outlives_its_new_key_and_a_decision_may_pin_more(database_url: str) -> None:
    store = open_store(database_url)
    try:
        store.write(lambda db: upgrade(db, "0016"))
        decision = "INSERT INTO decision (id, kind, author, reason, decided_at) VALUES (1, 'pin', 'olive', '', :at)"
        pin = text("INSERT INTO decision_pin (decision_id, birth_id, field, value) VALUES (1, 'b', :field, '\"v\"')")
        store.write(lambda db: db.execute(text(decision), {"at": datetime(2026, 5, 1, tzinfo=UTC)}))
        store.write(lambda db: db.execute(pin, {"field": "name"}))
        prepare(store)
        store.write(lambda db: db.execute(pin, {"field": "gender"}))
        with store.read() as db:
            assert set(db.execute(text("SELECT field FROM decision_pin")).scalars()) == {"name", "gender"}
    finally:
        store.close()
