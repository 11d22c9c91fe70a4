"""Many workers at once: each record is landed once, and the outcome is that of one worker."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor

import pytest

from connectors.kit.base import Record
from hub.stages.land import landed
from hub.store.births import birth_id
from hub.store.engine import Store, open_store
from tests.hub.world import derive, land_and_map, minute, opened, partition, person, rows

WORKERS = 8


def crowd() -> list[Record]:
    """Thirty people, each twice under another id and half of them with a second version."""
    known = [
        person(f"{number}-{copy}", at=minute(1), name=f"Alice Nr{number}x", email=f"alice{number}@example.com")
        for number in range(30)
        for copy in "ab"
    ]
    edited = [
        person(one.id, at=minute(2), **{**one.data, "phone": f"+614915700{at:02}"})
        for at, one in enumerate(known)
        if at % 2
    ]
    return [*known, *edited]


def split_up(records: list[Record]) -> list[list[Record]]:
    """Overlapping, shuffled shares: every record is in at least one, most are in three."""
    chance = random.Random(812)
    shares = [records[number::WORKERS] + chance.sample(records, len(records) // 3) for number in range(WORKERS)]
    for share in shares:
        chance.shuffle(share)
    return shares


def land_share(url: str, share: list[Record]) -> tuple[int, int]:
    """Fetched, and the sum of the buckets."""
    store = open_store(url)
    try:
        fetched = counted = 0
        for start in range(0, len(share), 10):
            some = share[start : start + 10]
            landing, outcome = land_and_map(store, some)
            assert outcome.refused == 0
            fetched += len(some)
            counted += len(landing.changes) + landing.unchanged + landing.superseded
        return fetched, counted
    finally:
        store.close()


@pytest.mark.fault("H17")
@pytest.mark.fault("P12")
def test_eight_workers_land_overlapping_shares_as_one_would(store: Store, database_url: str, tmp_path: object) -> None:
    records = crowd()
    with ThreadPoolExecutor(WORKERS) as threads:
        told = list(threads.map(lambda share: land_share(database_url, share), split_up(records)))
    assert all(fetched == counted for fetched, counted in told)
    found = rows(store, landed)
    assert sorted(row["external_id"] for row in found) == sorted({one.id for one in records})
    assert all(row["birth_id"] == birth_id("test-hub", "shop", "customers", row["external_id"]) for row in found)
    assert all(row["mapped"] for row in found)
    derive(store)
    with opened(f"sqlite:///{tmp_path}/alone.db") as alone:
        land_and_map(alone, records)
        derive(alone)
        assert partition(store) == partition(alone)
        assert len(partition(alone)) == 30
