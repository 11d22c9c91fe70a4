"""The timeline of a contact, page by page: nothing twice, nothing left out, and quick however long it is."""

from __future__ import annotations

import time
from typing import Any

import pytest
from sqlalchemy import insert, select

from connectors.kit.base import Record
from hub.queries import timeline as queries_of_timelines
from hub.queries.parts import head_of
from hub.queries.timeline import Place, count_events, timeline
from hub.stages.land import landed
from hub.stages.map import people, related
from hub.store.engine import Store
from tests.flows.statements import fill, listening, scans
from tests.hub.world import (
    ALICE,
    ALICE_AGAIN,
    BOB,
    ORDERS_PLACE,
    contacts_of,
    derive,
    land_and_map,
    land_and_resolve,
    minute,
)

MANY = 10_000


def bought(number: str, at: int | None, customer: str) -> Record:
    placed = minute(at).isoformat() if at is not None else None
    return Record(number, {"number": number, "placed_at": placed, "total": "10", "customer": customer})


@pytest.fixture
def alice(store: Store) -> str:
    land_and_resolve(store, [ALICE, ALICE_AGAIN, BOB])
    orders = [bought(f"A{at}", at // 2, ["alice", "alice-2"][at % 2]) for at in range(9)]
    orders += [bought("undated-1", None, "alice"), bought("undated-2", None, "alice-2"), bought("B", 3, "bob")]
    land_and_map(store, orders, place=ORDERS_PLACE)
    derive(store)
    return contacts_of(store)["alice"]


def read(store: Store, contact_id: str, limit: int) -> list[list[str]]:
    """The numbers of the orders, page by page."""
    pages, place = [], None
    with store.read() as db:
        while True:
            found = timeline(db, contact_id, limit, place)
            pages.append([event["number"] for event in found.events])
            place = found.end
            if place is None:
                return pages


@pytest.mark.parametrize("few", [1, 20])
@pytest.mark.parametrize("limit", [1, 2, 3, 10, 11, 12])
def test_pages_together_are_the_whole_timeline_newest_first(
    store: Store, alice: str, limit: int, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a contact of few records, and of one of many."""
    monkeypatch.setattr(queries_of_timelines, "FEW_RECORDS", few)
    pages = read(store, alice, limit)
    whole = [number for page in pages for number in page]
    assert whole == ["A8", "A7", "A6", "A5", "A4", "A3", "A2", "A1", "A0", "undated-2", "undated-1"]
    assert all(len(page) == limit for page in pages[:-1])


def test_what_arrives_meanwhile_moves_nothing(store: Store, alice: str) -> None:
    with store.read() as db:
        first = timeline(db, alice, 4)
    land_and_map(store, [bought("newer", 99, "alice")], place=ORDERS_PLACE)
    with store.read() as db:
        assert [event["number"] for event in timeline(db, alice, 2, first.end).events] == ["A4", "A3"]


def test_masked_events_say_when_and_how_much(store: Store, alice: str) -> None:
    with store.read() as db:
        (event,) = timeline(db, alice, 1, masked=True).events
    assert (event["kind"], event["at"], event["total"]) == ("order", minute(4), "10")
    assert (event["number"], event["source"]) == ("•••", "shop:orders:A•••")


def test_events_are_counted_by_kind(store: Store, alice: str) -> None:
    with store.read() as db:
        assert count_events(db, alice) == {"order": 11}
        assert head_of(db, alice)["events"] == {"order": 11}


def many_events(store: Store) -> None:
    """Ten thousand more orders beside the first one, as if they had been landed and mapped."""
    with store.read() as db:
        one = dict(db.execute(select(landed).where(landed.c.stream == "orders").limit(1)).mappings().one())
        hung = dict(db.execute(select(related).where(related.c.record_id == one["id"])).mappings().one())
        start = max(db.execute(select(landed.c.id)).scalars()) + 1
    rows = [_copied(one, start + at, at) for at in range(MANY)]
    more = [{**hung, "record_id": start + at, "happened_at": minute(1000 + at)} for at in range(MANY)]

    def work(db: Any) -> None:
        db.execute(insert(landed), rows)
        db.execute(insert(related), more)

    store.write(work)


def _copied(one: dict[str, Any], number: int, at: int) -> dict[str, Any]:
    return {**one, "id": number, "external_id": f"M{at}", "birth_id": f"c_{at:024d}"}


def test_ten_thousand_events_open_as_quickly_as_ten(store: Store, alice: str) -> None:
    many_events(store)
    place = Place(minute(5000), 1)
    took = []
    with store.read() as db:
        for _ in range(15):
            began = time.perf_counter()
            assert len(timeline(db, alice, 50, place).events) == 50
            assert head_of(db, alice)["events"]["order"] == MANY + 11
            took.append(time.perf_counter() - began)
    assert sorted(took)[7] < 0.05


def test_no_page_of_a_timeline_reads_a_table_whole(store: Store, alice: str) -> None:
    with listening() as heard, store.read() as db:
        timeline(db, alice, 5)
        timeline(db, alice, 5, Place(minute(3), 1))
        timeline(db, alice, 5, Place(None, 1))
        head_of(db, alice)
    fill(store)
    with store.read() as db:
        found = {shape: scans(db, *asked) for shape, asked in heard.found.items()}
        assert db.execute(select(people.c.record_id).limit(1)).first()
    assert {shape: tables for shape, tables in found.items() if tables} == {}
