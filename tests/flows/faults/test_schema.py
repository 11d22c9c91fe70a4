"""An old hub at a newer schema, and a migration that is broken off."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection, text

from hub.store.engine import open_store
from hub.store.migrate import HEAD, prepare, schema_version, upgrade
from tests.flows.terminal import Hub


class PowerCut(Exception):
    """The process ends in the middle."""


@pytest.mark.fault("P17")
@pytest.mark.parametrize("command", ["sync", "worker", "scheduler", "up"])
def test_an_old_hub_leaves_a_newer_schema_alone_and_names_both(hub: Hub, command: str) -> None:
    store = open_store(hub.database)
    prepare(store)
    store.write(lambda db: db.execute(text("UPDATE alembic_version SET version_num = '9999'")))
    store.close()
    said = hub.here(command, code=78).stderr
    assert "schema 9999" in said
    assert f"up to {HEAD}" in said


@pytest.mark.fault("P17")
def test_a_migration_that_is_broken_off_leaves_nothing_and_is_done_by_the_next(empty_database_url: str) -> None:
    def half_way(db: Connection) -> None:
        upgrade(db)
        raise PowerCut

    store = open_store(empty_database_url)
    try:
        with pytest.raises(PowerCut):
            store.write(half_way)
        with store.read() as db:
            assert schema_version(db) is None
        prepare(store)
        with store.read() as db:
            assert schema_version(db) == HEAD
    finally:
        store.close()
