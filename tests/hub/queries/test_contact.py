"""One contact with everything known of it."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.kit.base import Record
from hub.decide import merge, say_of_value, split, undo
from hub.queries.contact import MOST_EVENTS, show
from hub.stages.crowds import SHARED
from hub.store.births import birth_id
from hub.store.engine import Store
from tests.hub.world import (
    ALICE,
    ALICE_AGAIN,
    BOB,
    CHARLIE,
    ORDERS_PLACE,
    contacts_of,
    derive,
    gone,
    land_and_map,
    land_and_resolve,
    minute,
    person,
    record_id,
    settings,
)


def shown(store: Store, external_id: str, how: bool = False) -> dict[str, Any]:
    with store.read() as db:
        return show(db, settings(), contacts_of(store)[external_id], how)


def born(external_id: str) -> str:
    return birth_id("test-hub", "shop", "customers", external_id)


def bought(number: str, at: int | None, customer: str) -> Record:
    placed = minute(at).isoformat() if at is not None else None
    return Record(
        number, {"number": number, "placed_at": placed, "total": "10", "currency": "AUD", "customer": customer}
    )


def test_records_come_in_the_order_of_their_arrival_with_what_they_say(store: Store) -> None:
    land_and_resolve(store, [ALICE])
    land_and_resolve(store, [ALICE_AGAIN, BOB])
    found = shown(store, "alice-2")
    assert found["id"] == born("alice")
    assert [(one["connection"], one["stream"], one["external_id"]) for one in found["records"]] == [
        ("shop", "customers", "alice"),
        ("shop", "customers", "alice-2"),
    ]
    assert found["records"][0]["fields"]["name"]["full"] == "Alice Adams"
    assert found["segments"] == []
    assert (found["traits"]["emails"], found["traits"]["orders"]) == (["alice@example.com"], 0)


def test_a_list_field_shows_its_values_and_where_each_comes_from(store: Store) -> None:
    other = person("alice-2", name="Alice Adams", email="alice@example.com", phone="0491 570 157", job="director")
    land_and_resolve(store, [ALICE, other])
    golden = shown(store, "alice")["golden"]
    assert [one["value"] for one in golden["phones"]["value"]] == ["+61491570156", "+61491570157"]
    assert [one["source"] for one in golden["phones"]["values"]] == ["shop:customers:alice", "shop:customers:alice-2"]
    assert (golden["job_title"]["value"], golden["job_title"]["source"]) == ("director", "shop:customers:alice-2")


@pytest.mark.fault("D12")
def test_retired_ids_are_those_of_its_records_and_of_the_gone(store: Store) -> None:
    land_and_resolve(store, [ALICE])
    land_and_resolve(store, [ALICE_AGAIN])
    assert shown(store, "alice")["retired_ids"] == [born("alice-2")]
    land_and_resolve(store, [gone(ALICE)])
    assert shown(store, "alice-2")["retired_ids"] == [born("alice")]
    land_and_resolve(store, [person("alice", name="Zoe Zhang", email="zoe@example.com")])
    assert shown(store, "alice-2")["retired_ids"] == []


def test_the_timeline_is_newest_first_and_ends_with_the_undated(store: Store) -> None:
    land_and_resolve(store, [ALICE, ALICE_AGAIN])
    orders = [
        bought("1", 5, "alice"),
        bought("2", None, "alice"),
        bought("3", 9, "alice-2"),
        bought("4", None, "alice"),
    ]
    land_and_map(store, orders, place=ORDERS_PLACE)
    timeline = shown(store, "alice")["timeline"]
    assert [event["source"].rpartition(":")[2] for event in timeline] == ["3", "1", "4", "2"]
    assert (timeline[0]["kind"], timeline[0]["at"], timeline[0]["total"]) == ("order", minute(9), "10")


def test_a_long_timeline_is_cut(sqlite_store: Store) -> None:
    land_and_resolve(sqlite_store, [ALICE])
    orders = [bought(f"{number}", number, "alice") for number in range(MOST_EVENTS + 10)]
    land_and_map(sqlite_store, orders, place=ORDERS_PLACE)
    timeline = shown(sqlite_store, "alice")["timeline"]
    assert len(timeline) == MOST_EVENTS
    assert timeline[0]["number"] == f"{MOST_EVENTS + 9}"


def test_open_questions_name_the_other_contact(store: Store) -> None:
    maybe = person("maybe", name="Alice Adams", loyalty="L9")
    land_and_resolve(store, [ALICE, maybe])
    (question,) = shown(store, "alice")["review"]
    assert (question["kind"], question["with"]) == ("possible_match", contacts_of(store)["maybe"])
    assert shown(store, "maybe")["review"][0]["with"] == contacts_of(store)["alice"]


def test_how_it_was_built_is_told_step_by_step_undone_steps_too(store: Store) -> None:
    land_and_resolve(store, [ALICE, ALICE_AGAIN, CHARLIE])
    home = contacts_of(store)
    store.write(lambda db: merge(db, home["alice"], home["charlie"], "steward", "married"))
    number = store.write(lambda db: split(db, [record_id(store, "alice-2")], "steward", "oops"))
    derive(store)
    store.write(lambda db: undo(db, number, "auditor"))
    derive(store)
    document = shown(store, "alice", how=True)
    steps = {(one["step"], one.get("left", ""), one.get("right", "")) for one in document["how"]}
    assert steps == {
        ("match", "shop:customers:alice", "shop:customers:alice-2"),
        ("match", "shop:customers:alice", "shop:customers:charlie"),
        ("merge", "", ""),
        ("split", "", ""),
    }
    assert [(one["reason"], one["undone"]) for one in document["how"] if "decision" in one] == [
        ("married", False),
        ("oops", True),
    ]
    match = document["how"][0]
    assert match["judgement"] == "automatic"
    assert {one["field"] for one in match["comparisons"]} >= {"email", "name"}


def test_how_names_the_values_that_were_not_used_and_who_said_so(store: Store) -> None:
    phone = "0491 570 156"
    land_and_resolve(store, [ALICE, person("alice-2", name="Alice Adams", email="alice@example.com", phone=phone), BOB])
    number = store.write(lambda db: say_of_value(db, "phone", "+61491570156", SHARED, "steward", "their office"))
    derive(store)
    match, said = shown(store, "alice", how=True)["how"]
    assert match["not_used"] == ["phone number shared by 2 people: not used"]
    assert "phone" not in {one["field"] for one in match["comparisons"]}
    assert (said["step"], said["decision"], said["about"]) == ("shared", number, "phone +61491570156")
    store.write(lambda db: undo(db, number, "steward"))
    derive(store)
    match, said = shown(store, "bob", how=True)["how"][-1], shown(store, "alice", how=True)["how"][0]
    assert (match["step"], match["undone"], said["not_used"]) == ("shared", True, [])
