"""Values that one database keeps and the other refuses: kept alike on both or quarantined; no run falls over."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.kit.base import Cursor, Page, Record, Reject
from hub.queries.digest import digest
from hub.stages.land import landed
from hub.stages.map import people
from hub.stages.quarantine import rejected
from hub.store.engine import Store
from hub.store.jsontext import loads
from tests.hub.world import ALICE, always, connection, derive, gone, opened, page, partition, person, rows, sync


def nested(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value


ODD: dict[str, Any] = {
    "NUL": "a\x00b",
    "control characters": "a\x01\x1f\x7fb",
    "half a character": "a\ud800b",
    "a key with NUL": {"\x00": 1},
    "a key with half a character": {"\udfff": 1},
    "2**63": 2**63,
    "-2**63-1": -(2**63) - 1,
    "2**64": 2**64,
    "10**400": 10**400,
    "an invisible name": "\u200b\ufeff",
    "a noncharacter": "\uffff",
    "200 levels": nested(200),
    "200 levels and half a character": [nested(200), "\ud800"],
}

REFUSED: dict[str, Record] = {
    "300 levels": person("x", note=nested(300)),
    "100,000 levels": person("x", note=nested(100_000)),
    "an id with NUL": person("a\x00b"),
    "an id with half a character": person("a\ud800"),
    "an id without end": person("x" * 3_000),
    "an empty id": person(""),
    "a key that is no text": Record("x", {"id": "x", None: ["more", "cells"]}),  # type: ignore[dict-item]
}


def odd_people() -> list[Record]:
    return [
        person(f"{place}-{number}", **{place: value}, nested={"in": value})
        for number, value in enumerate(ODD.values())
        for place in ("name", "email", "phone", "born", "loyalty")
    ]


@pytest.mark.fault("D03")
@pytest.mark.fault("M17")
def test_odd_values_are_landed_alike_on_both_databases(store: Store, tmp_path: object) -> None:
    (end,) = sync(store, connection(always(page(odd_people()))))
    assert (end.status, end.buckets.applied, end.buckets.quarantined) == ("ok", len(ODD) * 5, 0)
    derive(store)
    assert len(partition(store)) > 10
    with opened(f"sqlite:///{tmp_path}/other.db") as other:
        sync(other, connection(always(page(odd_people()))))
        derive(other)
        with store.read() as here, other.read() as there:
            assert digest(here) == digest(there)


@pytest.mark.fault("D03")
@pytest.mark.parametrize("what", ODD)
def test_an_odd_value_is_read_back_as_it_came(sqlite_store: Store, what: str) -> None:
    sync(sqlite_store, connection(always(page([person("odd", note=ODD[what])]))))
    (row,) = rows(sqlite_store, landed)
    assert loads(row["body"]) == {"id": "odd", "note": ODD[what]}


@pytest.mark.fault("D01")
@pytest.mark.fault("M17")
@pytest.mark.parametrize("what", REFUSED)
def test_a_record_that_no_database_can_keep_goes_to_quarantine_and_the_run_goes_on(store: Store, what: str) -> None:
    (end,) = sync(store, connection(always(page([REFUSED[what], ALICE]))), hold={"share": "100%"})
    assert (end.status, end.buckets.applied, end.buckets.quarantined) == ("ok", 1, 1)
    (row,) = rows(store, rejected)
    assert row["reason"].startswith("the record cannot be kept: ")
    assert [one["external_id"] for one in rows(store, people)] == ["alice"]


@pytest.mark.fault("D01")
def test_a_refused_row_is_counted_once_and_seen_again(store: Store) -> None:
    vendor = connection(always(page([ALICE], rejects=[Reject("a,\x00,\ud800", "no id\x00", "drop/\udcff.csv:3")])))
    first, second = (sync(store, vendor, hold={"share": "100%"})[0].buckets for _ in range(2))
    assert (first.quarantined, first.unchanged, second.quarantined, second.unchanged) == (1, 0, 0, 2)
    (row,) = rows(store, rejected)
    assert (row["raw"], row["reason"], row["location"]) == ("a,\\x00,\\ud800", "no id\\x00", "drop/\\udcff.csv:3")
    assert row["last_seen_at"] > row["first_seen_at"]


def test_a_cursor_may_hold_what_the_vendor_named(store: Store) -> None:
    seen = Cursor(seen={"drop/\udcff.csv": {"rows": 2**70}, "a\x00b": 1})
    vendor = connection(always(Page((ALICE,), seen)))
    assert [end.status for _ in range(2) for end in sync(store, vendor)] == ["ok", "ok"]


def test_a_tombstone_of_an_odd_record_is_one_version_more(store: Store) -> None:
    odd = person("odd", name="a\ud800\x00", note=2**80)
    sync(store, connection(always(page([odd]))))
    (end,) = sync(store, connection(always(page([gone(odd)]))))
    assert end.buckets.applied == 1
    derive(store)
    assert partition(store) == set()
