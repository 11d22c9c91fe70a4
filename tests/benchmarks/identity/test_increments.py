"""Changes go through the product's resolver, each of them in some round."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import func, select

from benchmarks.identity.increments import measure
from hub.stages.land import landed
from hub.stages.map import marks
from hub.store.engine import open_store
from hub.store.migrate import prepare


def test_every_change_of_every_round_is_resolved(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'hub.db'}")
    prepare(store)
    found = measure(200, "base", 1, (4, 1, 0), store)
    with store.read() as db:
        waiting = db.execute(select(func.count()).select_from(marks)).scalar_one()
        records = db.execute(select(func.count()).select_from(landed)).scalar_one()
    store.close()

    assert waiting == 0
    assert records == 200 + (4 + 100) // 2
    assert {size: taken["rounds"] for size, taken in found["rounds"].items()} == {"1": 4, "100": 1}
    assert 0 < found["rounds"]["1"]["p50_ms"] <= found["rounds"]["1"]["p99_ms"]


def test_more_moves_than_records_are_refused(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'hub.db'}")
    with pytest.raises(ValueError, match="50 of 49"):
        measure(49, "base", 1, (0, 1, 0), store)
    store.close()
