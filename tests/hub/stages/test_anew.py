"""What begins anew: records whose features another hub made, or none did."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, insert, update

from hub.stages import anew, notes
from hub.stages.land import landed
from hub.stages.map import people
from hub.stages.reading import members
from hub.store import migrate
from hub.store.engine import Store, open_store
from tests.hub.world import ALICE, ALICE_AGAIN, BOB, CHARLIE, derive, derived, groups, land_and_map, partition, rows

CAST = [ALICE, BOB, ALICE_AGAIN, CHARLIE]
TOGETHER = groups("alice alice-2", "bob", "charlie")


def test_a_first_load_makes_no_features_twice(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def twice(_: object) -> None:
        raise AssertionError("they were made when the record was mapped")

    land_and_map(store, CAST)
    monkeypatch.setattr(anew, "features_of", twice)
    derive(store)
    assert partition(store) == TOGETHER


def test_another_making_of_features_makes_those_of_every_record_anew(store: Store) -> None:
    land_and_map(store, CAST)
    derive(store)
    before = derived(store)

    def as_an_older_hub(db: Connection) -> None:
        notes.put(db, anew.FEATURES_NOTE, "older")
        notes.put(db, anew.NOTE, "older")
        db.execute(update(people).values(features=["mononym"] * 7))

    store.write(as_an_older_hub)
    derive(store)
    assert derived(store) == before


@pytest.mark.fault("P17")
def test_a_hub_from_before_features_goes_on_where_it_was(store: Store, tmp_path: Path) -> None:
    land_and_map(store, CAST)
    derive(store)
    older = open_store(f"sqlite:///{tmp_path / 'older.db'}")
    try:
        older.write(lambda db: _as_it_was(db, store))
        migrate.prepare(older)
        derive(older)
        assert partition(older) == TOGETHER
        assert derived(older) == derived(store)
    finally:
        older.close()


def _as_it_was(db: Connection, store: Store) -> None:
    """The records as a hub with the schema before had mapped and resolved them."""
    config = Config()
    config.set_main_option("script_location", str(migrate._SCRIPTS))
    config.attributes["connection"] = db
    command.upgrade(config, "0002")
    for table in (landed, people, members):
        db.execute(insert(table), [{key: row[key] for key in row if key != "features"} for row in rows(store, table)])
