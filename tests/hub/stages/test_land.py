"""Landing: every version of every record is kept once, the latest is known, and nothing is overtaken by the past."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as with_settings
from hypothesis import strategies as st

from connectors.kit.base import Record
from hub.stages.land import arrivals as arrivals_of
from hub.stages.land import land, landed, vanish, versions
from hub.store.births import birth_id
from hub.store.engine import Store
from tests.hub.world import ALICE, BOB, EPOCH, PLACE, gone, land_only, minute, opened, person, rows

A = person("alice", at=minute(1), name="Alice")
B = person("alice", at=minute(2), name="Alice Adams")
LATE = person("alice", at=minute(0), name="A.")


def undated(name: str) -> Record:
    return person("alice", name=name)


def latest(store: Store) -> str:
    (row,) = rows(store, landed)
    return str(row["body"])


def kept(store: Store) -> list[tuple[str, bool]]:
    """Earlier versions in the order in which they were landed: the name they say, and whether they came late."""
    found = sorted(rows(store, versions), key=lambda row: row["landed_at"])
    return [(row["body"].split('"')[-2], row["superseded"]) for row in found]


def test_a_first_record_is_new(store: Store) -> None:
    landing = land_only(store, [A], EPOCH)
    (change,) = landing.changes
    assert change.is_new
    (row,) = rows(store, landed)
    assert (row["versions"], row["mapped"], row["deleted"], row["changed_at"]) == (1, True, False, minute(1))
    assert row["birth_id"] == birth_id("test-hub", "shop", "customers", "alice")


def test_the_same_again_is_unchanged_but_seen(store: Store) -> None:
    land_only(store, [A], EPOCH)
    landing = land_only(store, [A], minute(5))
    assert (landing.changes, landing.unchanged) == ([], 1)
    (row,) = rows(store, landed)
    assert (row["landed_at"], row["last_seen_at"]) == (EPOCH, minute(5))


def test_a_new_version_replaces_every_column_of_the_old_one(store: Store) -> None:
    land_only(store, [A], EPOCH)
    (change,) = land_only(store, [B], minute(5)).changes
    (row,) = rows(store, landed)
    assert not change.is_new
    assert change.content_hash == row["content_hash"]
    assert '"Alice Adams"' in row["body"]
    assert (row["changed_at"], row["landed_at"], row["last_seen_at"]) == (minute(2), minute(5), minute(5))
    assert (row["versions"], row["mapped"]) == (2, True)
    assert kept(store) == [("Alice", False)]


def test_a_then_b_then_a_is_three_versions(store: Store) -> None:
    for number, name in enumerate(["A", "B", "A"]):
        land_only(store, [undated(name)], minute(number))
    assert '"A"' in latest(store)
    assert kept(store) == [("A", False), ("B", False)]


@pytest.mark.fault("H17")
def test_one_page_may_hold_a_record_many_times_over(store: Store) -> None:
    landing = land_only(store, [undated(name) for name in "ABABBA"], EPOCH)
    assert (len(landing.changes), landing.unchanged, landing.superseded) == (5, 1, 0)
    assert '"A"' in latest(store)
    assert kept(store) == [("A", False), ("B", False), ("A", False), ("B", False)]


@pytest.mark.fault("H18")
def test_an_older_version_that_comes_late_is_kept_once_and_counts_no_more(store: Store) -> None:
    land_only(store, [A], EPOCH)
    assert land_only(store, [LATE], minute(1)).superseded == 1
    assert land_only(store, [LATE], minute(2)).superseded == 1
    assert '"Alice"' in latest(store)
    assert kept(store) == [("A.", True)]


def test_a_tombstone_is_a_version_and_so_is_coming_back(store: Store) -> None:
    land_only(store, [A], EPOCH)
    assert land_only(store, [gone(A, minute(2))], minute(2)).changes[0].deleted
    assert land_only(store, [gone(A, minute(2))], minute(3)).unchanged == 1
    assert not land_only(store, [person("alice", at=minute(3), name="Alice")], minute(4)).changes[0].deleted
    (row,) = rows(store, landed)
    assert (row["deleted"], row["versions"]) == (False, 3)


def test_the_birth_stays_while_versions_come_and_go(store: Store) -> None:
    land_only(store, [A], EPOCH)
    first = [(row["id"], row["birth_id"], row["born"]) for row in rows(store, landed)]
    for at, record in enumerate([B, gone(B, minute(9)), person("alice", at=minute(10))]):
        land_only(store, [record], minute(20 + at))
    assert [(row["id"], row["birth_id"], row["born"]) for row in rows(store, landed)] == first


def test_records_of_one_page_are_born_in_its_order(store: Store) -> None:
    land_only(store, [BOB, ALICE], EPOCH)
    born = {row["external_id"]: row["born"] for row in rows(store, landed)}
    assert born["alice"] - born["bob"] == 1


def test_what_a_snapshot_did_not_list_is_gone_once(store: Store) -> None:
    land_only(store, [ALICE, BOB], EPOCH)
    land_only(store, [ALICE], minute(5))
    first = store.write(lambda db: vanish(db, PLACE, minute(5), minute(6)))
    again = store.write(lambda db: vanish(db, PLACE, minute(5), minute(7)))
    assert [change.external_id for change in first.changes] == ["bob"]
    assert again.changes == []
    assert {row["external_id"]: row["deleted"] for row in rows(store, landed)} == {"alice": False, "bob": True}


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> object:
    folder: Path = tmp_path_factory.mktemp("land")
    with opened(f"sqlite:///{folder / 'hub.db'}") as store:
        yield store


dated = st.builds(
    lambda key, at, name: person(key, at=minute(at), name=f"{name}{at}"),
    st.sampled_from("abc"),
    st.integers(0, 5),
    st.just("version "),
)


def state(store: Store, prefix: str) -> list[tuple[str, str, datetime | None]]:
    found = [row for row in rows(store, landed) if row["connection"] == prefix]
    return sorted((row["external_id"], row["body"], row["changed_at"]) for row in found)


def everything(store: Store, prefix: str) -> set[tuple[str, str]]:
    ids = {row["id"]: row["external_id"] for row in rows(store, landed) if row["connection"] == prefix}
    old = {(ids[row["record_id"]], row["body"]) for row in rows(store, versions) if row["record_id"] in ids}
    return old | {(external_id, body) for external_id, body, _ in state(store, prefix)}


runs = iter(range(10**9))


def land_in_pages(store: Store, records: Sequence[Record], cuts: Sequence[int]) -> str:
    """Land in a connection of its own, page by page; its name. The buckets of every page add up."""
    name = f"run{next(runs)}"
    place = type(PLACE)("test-hub", name, "customers")
    edges = sorted({0, len(records), *(cut for cut in cuts if cut < len(records))})
    for number, (start, end) in enumerate(pairwise(edges)):
        arriving, _ = arrivals_of(records[start:end])
        now = EPOCH + timedelta(hours=number)
        landing = store.write(lambda db, arriving=arriving, now=now: land(db, place, arriving, now))
        assert len(landing.changes) + landing.unchanged + landing.superseded == end - start
    return name


@pytest.mark.fault("H17")
@pytest.mark.fault("H18")
@with_settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), records=st.lists(dated, min_size=1, max_size=12))
def test_any_order_any_pages_any_repeats_end_alike(shared: Store, data: st.DataObject, records: list[Record]) -> None:
    shuffled = data.draw(st.permutations(records + data.draw(st.lists(st.sampled_from(records), max_size=4))))
    one = land_in_pages(shared, records, [])
    other = land_in_pages(shared, shuffled, data.draw(st.lists(st.integers(1, 12), max_size=4)))
    assert state(shared, one) == state(shared, other)
    assert everything(shared, one) == everything(shared, other)
