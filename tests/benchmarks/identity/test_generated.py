"""The quick way of a whole file says what the product says record by record."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.identity.generated import columns_of, person_of
from benchmarks.people.table import TEXTS, Whole
from dedupe.engine.record import columns_of as columns_of_features
from dedupe.engine.record import features_of
from dedupe.engine.table import Columns
from tests.benchmarks.people.made import by_hand, some


def at_once(_stage: str, work: Callable[[], Any]) -> Any:
    return work()


def whole(path: Path) -> tuple[Columns, Whole]:
    """The columns as a text for each row."""
    found, truth = columns_of(path, at_once)
    coded = {one.name: getattr(found, one.name) for one in fields(found)}
    return Columns(**{name: [one.values[at] for at in one.ids.tolist()] for name, one in coded.items()}), truth


def test_every_record_says_what_it_would_say_alone(tmp_path: Path) -> None:
    people = some(records=2_000)
    people.write_parquet(tmp_path / "people.parquet")
    found, truth = whole(tmp_path / "people.parquet")

    ids = [
        (system, own.encode()) for system, own in zip(people.system.tolist(), people.external_id.tolist(), strict=True)
    ]
    order = sorted(range(len(people)), key=ids.__getitem__)
    rows = [{name: getattr(people, name)[row] for name in TEXTS} for row in order]
    assert found == columns_of_features([features_of(person_of(row)) for row in rows])
    assert np.array_equal(truth, people.truth[order])


def test_what_stands_for_nothing_says_nothing(tmp_path: Path) -> None:
    placeholders = {"system": "shop", "external_id": "1", "birth": "1900-01-01", "phone": "+61400000000"}
    by_hand([placeholders]).write_parquet(tmp_path / "people.parquet")
    found, _ = whole(tmp_path / "people.parquet")

    assert found.births == found.phones == found.names == found.addresses == found.companies == [""]
