"""Landing many new records at once, as a first pull does: the outcome is that of landing them one by one."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from hub.stages.land import landed
from hub.store.copying import COPY_FROM
from hub.store.engine import Store
from tests.hub.world import EPOCH, land_only, minute, opened, person, rows

ODD = ("Zoë", "back\\slash", "tab\tand\nline", "\\N", "'quoted\"", "{braces}", "日本", "\\.")
MANY = [
    person(
        f"p{number}", at=minute(number) if number % 3 else None, deleted=number % 50 == 0, name=ODD[number % len(ODD)]
    )
    for number in range(COPY_FROM + 50)
]


def kept(store: Store) -> list[tuple[object, ...]]:
    names = ("external_id", "birth_id", "content_hash", "body", "changed_at", "deleted", "landed_at", "mapped")
    return sorted(tuple(row[name] for name in names) for row in rows(store, landed))


def test_many_at_once_are_kept_as_one_by_one(store: Store, tmp_path: Path) -> None:
    landing = land_only(store, MANY, EPOCH)
    assert [change.is_new for change in landing.changes] == [True] * len(MANY)
    with opened(f"sqlite:///{tmp_path / 'other.db'}") as other:
        for one in MANY:
            land_only(other, [one], EPOCH)
        assert kept(store) == kept(other)
    assert land_only(store, MANY, EPOCH).unchanged == len(MANY)


@pytest.mark.fault("P12")
def test_workers_that_bring_the_same_many_land_each_once(store: Store) -> None:
    with ThreadPoolExecutor(4) as threads:
        landings = list(threads.map(lambda at: land_only(store, MANY[at * 5 :] + MANY[: at * 5]), range(4)))
    assert sum(len(one.changes) for one in landings) == len(MANY)
    assert sum(one.unchanged for one in landings) == 3 * len(MANY)
    assert len(rows(store, landed)) == len(MANY)
