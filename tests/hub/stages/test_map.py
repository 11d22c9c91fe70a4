"""Mapping: what a landed record becomes, what is left out with a remark or refused, and whom a change touches."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from connectors.kit.base import Record
from hub.queries.contact import show
from hub.stages.land import landed
from hub.stages.map import map_waiting, marks, people, refusals, related, remap, remarks
from hub.stages.order import rebuild, unmapped
from hub.store.engine import Store
from tests.hub.world import (
    ALICE,
    BOB,
    CHARLIE,
    MAP_PEOPLE,
    ORDERS_PLACE,
    PEOPLE,
    PERSON_MAP,
    PLACE,
    TAGS_PLACE,
    always,
    compiled,
    connection,
    contacts_of,
    derive,
    derived,
    gone,
    land_and_map,
    land_and_resolve,
    minute,
    page,
    person,
    rows,
    settings,
    stream,
    sync,
)


def order(number: str, **data: Any) -> Record:
    return Record(number, {"number": number, "total": "12.50", "currency": "AUD", **data}, minute(1))


def tag(number: str, name: str, member: str) -> Record:
    return Record(number, {"tag": name, "member": member})


def waiting(store: Store) -> set[str]:
    return {row["external_id"] for row in rows(store, marks)}


def tags_of(store: Store, external_id: str) -> list[str]:
    with store.read() as db:
        golden = show(db, settings(), contacts_of(store)[external_id])["golden"]
    return list(golden.get("tags", {}).get("value", []))


def test_a_person_becomes_a_contact_record_and_is_marked(store: Store) -> None:
    land_and_map(store, [ALICE])
    (row,) = rows(store, people)
    assert row["fields"]["emails"] == [{"value": "alice@example.com", "key": "alice@example.com"}]
    assert row["fields"]["phones"] == [{"value": "+61491570156"}]
    assert rows(store, landed)[0]["mapped"]
    assert waiting(store) == {"alice"}


@pytest.mark.fault("D01")
def test_a_value_that_will_not_normalise_is_left_out_with_a_remark(store: Store) -> None:
    mapper = compiled(PEOPLE, where={("map", "emails"): "connections/shop.yaml:9"})
    bad = person("alice", name="Alice", email="alice at home", phone="12")
    (end,) = sync(store, connection(always(page([bad])), stream(mapper=mapper)))
    assert (end.buckets.applied, end.buckets.remarks, end.buckets.quarantined) == (1, 2, 0)
    email, phone = sorted(rows(store, remarks), key=lambda row: row["field"])
    assert (email["field"], email["location"]) == ("emails[0]", "connections/shop.yaml:9")
    assert phone["field"] == "phones[0]"
    assert "alice at home" not in str((email, phone))
    assert "emails" not in rows(store, people)[0]["fields"]


def test_remarks_go_when_the_record_is_mended(store: Store) -> None:
    land_and_map(store, [person("alice", email="nonsense")])
    assert len(rows(store, remarks)) == 1
    land_and_map(store, [person("alice", email="alice@example.com")])
    assert rows(store, remarks) == []


@pytest.mark.fault("D01")
def test_a_record_of_another_shape_is_refused_and_others_go_on(store: Store) -> None:
    poison: Any = Record("poison", ["no", "object"])  # type: ignore[arg-type]
    (end,) = sync(store, connection(always(page([poison, ALICE]))), hold={"share": "100%"})
    assert (end.buckets.applied, end.buckets.quarantined) == (1, 1)
    (row,) = rows(store, refusals)
    assert row["code"] == "not_an_object"
    assert [one["external_id"] for one in rows(store, people)] == ["alice"]


def test_a_mended_record_leaves_quarantine(store: Store) -> None:
    land_and_map(store, [Record("alice", [])])  # type: ignore[arg-type]
    land_and_map(store, [ALICE])
    assert rows(store, refusals) == []
    assert len(rows(store, people)) == 1


def test_a_record_that_breaks_later_leaves_its_contact(store: Store) -> None:
    land_and_resolve(store, [ALICE])
    land_and_resolve(store, [Record("alice", [])])  # type: ignore[arg-type]
    assert contacts_of(store) == {}
    assert len(rows(store, refusals)) == 1


def test_a_guests_order_is_a_person(store: Store) -> None:
    land_and_map(store, [order("1001", name="Alice Adams", email="alice@example.com")], place=ORDERS_PLACE)
    derive(store)
    assert set(contacts_of(store)) == {"1001"}
    (row,) = rows(store, related)
    assert (row["kind"], row["owner_stream"], row["owner_external_id"]) == ("order", "orders", "1001")


def test_a_customers_order_is_no_person_and_marks_nobody(store: Store) -> None:
    land_and_resolve(store, [ALICE])
    bought = order("1002", customer="alice", name="Somebody Else", email="else@example.com")
    land_and_map(store, [bought], place=ORDERS_PLACE)
    assert waiting(store) == set()
    assert set(contacts_of(store)) == {"alice"}
    (row,) = rows(store, related)
    assert (row["owner_stream"], row["owner_external_id"]) == ("customers", "alice")


def test_a_guests_order_that_finds_its_customer_is_no_person_any_more(store: Store) -> None:
    land_and_resolve(store, [ALICE])
    land_and_map(store, [order("1001", email="alice@example.com")], place=ORDERS_PLACE)
    derive(store)
    assert set(contacts_of(store)) == {"alice", "1001"}
    land_and_map(store, [replace(order("1001", customer="alice"), changed_at=minute(2))], place=ORDERS_PLACE)
    derive(store)
    assert set(contacts_of(store)) == {"alice"}


def test_a_tag_touches_its_owner_when_it_comes_moves_and_goes(store: Store) -> None:
    land_and_resolve(store, [ALICE, CHARLIE])
    land_and_map(store, [tag("t1", "VIP", "alice")], place=TAGS_PLACE)
    assert waiting(store) == {"alice"}
    derive(store)
    assert tags_of(store, "alice") == ["VIP"]
    land_and_map(store, [tag("t1", "VIP", "charlie")], place=TAGS_PLACE)
    assert waiting(store) >= {"alice", "charlie"}
    derive(store)
    assert (tags_of(store, "alice"), tags_of(store, "charlie")) == ([], ["VIP"])
    land_and_map(store, [gone(tag("t1", "VIP", "charlie"))], place=TAGS_PLACE)
    derive(store)
    assert tags_of(store, "charlie") == []
    assert rows(store, related) == []


def test_a_tag_may_come_before_its_owner(store: Store) -> None:
    land_and_map(store, [tag("t1", "VIP", "alice")], place=TAGS_PLACE)
    derive(store)
    assert waiting(store) == set()
    land_and_resolve(store, [ALICE])
    assert tags_of(store, "alice") == ["VIP"]


def test_another_mapping_maps_everything_anew(store: Store) -> None:
    vendor = always(page([ALICE, BOB, gone(CHARLIE)]))
    sync(store, connection(vendor))
    derive(store)
    renamed = compiled({"record": "person", "map": PERSON_MAP | {"job_title": "name"}})
    (end,) = sync(store, connection(vendor, stream(mapper=renamed)))
    assert (end.buckets.applied, end.buckets.unchanged) == (0, 3)
    assert {row["external_id"]: row["fields"]["job_title"] for row in rows(store, people)} == {
        "alice": "Alice Adams",
        "bob": "Robert Adams",
    }
    assert {"alice", "bob"} <= waiting(store)


def test_the_same_mapping_maps_nothing_anew(store: Store) -> None:
    vendor = connection(always(page([ALICE])))
    sync(store, vendor)
    derive(store)
    sync(store, vendor)
    assert waiting(store) == set()


def test_waiting_records_are_mapped_in_parts(store: Store) -> None:
    land_and_map(store, [ALICE, BOB, CHARLIE])
    store.write(lambda db: remap(db, PLACE))
    done = [store.write(lambda db: map_waiting(db, PLACE, MAP_PEOPLE, 2)) for _ in range(3)]
    assert done == [2, 1, 0]


def test_rebuild_gives_the_same_and_tells_of_streams_that_are_no_more(store: Store) -> None:
    vendor = connection(
        lambda one, cursor: iter(
            [page({"customers": [ALICE, BOB], "orders": [order("1", email="alice@example.com")],
                   "tags": [tag("t", "VIP", "alice")]}[one.name])]
        ),
        stream("customers"), stream("orders"), stream("tags"),
    )  # fmt: skip
    sync(store, vendor)
    rebuild(store, settings(vendor))
    before = derived(store)
    rebuild(store, settings(vendor))
    assert derived(store) == before
    rebuild(store, settings(connection(always(), stream("customers"))))
    with store.read() as db:
        assert unmapped(db) == [("shop", "orders", 1), ("shop", "tags", 1)]
