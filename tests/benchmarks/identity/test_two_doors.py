"""Twenty thousand generated people through both doors of the resolver: what is stored is the same."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Table, select

from benchmarks.identity.changes import Arrivals, batches, land_rows
from dedupe.engine.weights import load
from hub.stages import resolve
from hub.stages.crowds import match_keys, popular_keys
from hub.stages.increment import reviews
from hub.stages.reading import edges, members
from hub.store.engine import Store
from tests.hub.world import opened

RECORDS = 20_000
STORED = (match_keys, popular_keys, members, edges, reviews)


@pytest.fixture
def crowded(tmp_path: Path) -> Iterator[Store]:
    """Records of households, twins and shared phones, landed and waiting."""
    with opened(f"sqlite:///{tmp_path / 'hub.db'}") as store:
        for some in batches(Arrivals(RECORDS, 0, "base", 7).loaded(), 1_000):
            land_rows(store, some)
        yield store


def stored(store: Store, table: Table) -> list[tuple[object, ...]]:
    with store.read() as db:
        return sorted(tuple(row) for row in db.execute(select(table)))


@pytest.mark.slow
def test_increments_of_20000_people_leave_what_the_bulk_door_leaves(
    crowded: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resolve, "BULK_FROM", 10 * RECORDS)
    assert resolve.resolve_all(crowded, load()).records == RECORDS
    increments = {table.name: stored(crowded, table) for table in STORED}
    monkeypatch.setattr(resolve, "begins_anew", lambda *_: True)
    resolve.resolve_all(crowded, load())
    assert {table.name: stored(crowded, table) for table in STORED} == increments
    assert all(increments.values())
