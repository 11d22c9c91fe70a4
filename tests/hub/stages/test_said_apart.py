"""What was said of two contacts holds, and is asked about again only where what the records say speaks against it."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.kit.base import Record
from hub.decide import CannotDecide, apart, confirm, merge, undo
from hub.queries.contact import show
from hub.queries.review import open_items
from hub.stages.linking import MOST_PINNED
from hub.store.engine import Store
from tests.hub.stages.small_worlds import SETTINGS, derive, rebuilt
from tests.hub.world import (
    contacts_of,
    derived,
    gone,
    groups,
    land_and_map,
    minute,
    pairs,
    partition,
    person,
    questions,
    record_id,
)

PHONE = "0491 570 156"
RECORDS = 3
ALICE = person("alice", name="Alice Adams", email="alice@example.com", phone=PHONE)
BROWN = person("brown", name="Alice Brown", email="brown@example.com", phone=PHONE)
BROWN_AS_ADAMS = person("brown", name="Alice Brown", email="alice@example.com", phone=PHONE)


def arrive(store: Store, *records: Record) -> None:
    land_and_map(store, records)
    derive(store)


def say_apart(store: Store, one: str, other: str) -> int:
    home = contacts_of(store)
    number = store.write(lambda db: apart(db, home[one], home[other], "steward", ""))
    derive(store)
    return number


def say_one(store: Store, one: str, other: str) -> int:
    home = contacts_of(store)
    number = store.write(lambda db: merge(db, home[one], home[other], "steward", ""))
    derive(store)
    return number


def take_back(store: Store, number: int) -> None:
    store.write(lambda db: undo(db, number, "steward"))
    derive(store)


def reopened(store: Store) -> list[dict[str, Any]]:
    with store.read() as db:
        return [item for item in open_items(db, SETTINGS.model, 100) if item["kind"] == "reopened"]


def test_two_said_to_be_two_leave_the_queue_and_come_back_when_it_is_undone(store: Store) -> None:
    arrive(store, ALICE, BROWN)
    before, asked = derived(store), questions(store)
    assert asked == {("alice", "brown"): "possible_match"}
    number = say_apart(store, "alice", "brown")
    assert questions(store) == {}
    assert pairs(store) == {("alice", "brown"): "apart"}
    take_back(store, number)
    assert questions(store) == asked
    assert derived(store) == before


def test_two_people_is_an_answer_also_about_a_record_with_many_older_ones_beside_it(store: Store) -> None:
    arrive(store, *(person(f"order{at}", email="alice@example.com") for at in range(MOST_PINNED + 1)))
    arrive(store, ALICE)
    arrive(store, BROWN)
    asked = questions(store)
    assert asked == {("alice", "brown"): "possible_match"}
    number = say_apart(store, "alice", "brown")
    assert questions(store) == {}
    take_back(store, number)
    assert questions(store) == asked


@pytest.mark.fault("D13")
def test_they_stay_two_through_a_rebuild_and_a_re_import(store: Store) -> None:
    arrive(store, ALICE, BROWN)
    say_apart(store, "alice", "brown")
    before = derived(store)
    assert rebuilt(store) == before
    arrive(store, gone(ALICE))
    arrive(store, ALICE)
    assert derived(store) == before
    arrive(store, BROWN_AS_ADAMS)
    rebuilt(store)
    assert partition(store) == groups("alice", "brown")


def test_they_stay_two_while_the_oldest_records_of_one_are_deleted(store: Store) -> None:
    alices = [person(f"alice-{at}", name="Alice Adams", email="alice@example.com") for at in range(RECORDS)]
    for one in alices:
        arrive(store, one)
    arrive(store, person("brown", name="Alice Adams", email="brown@example.com"))
    say_apart(store, "alice-0", "brown")
    arrive(store, person("brown", name="Alice Adams", email="alice@example.com"))
    for left in range(RECORDS, 0, -1):
        assert {len(together) for together in partition(store)} == {1, left}
        assert frozenset({"brown"}) in partition(store)
        arrive(store, gone(alices[RECORDS - left]))


def test_a_merge_after_it_counts_and_its_undoing_parts_them_again(store: Store) -> None:
    again = [
        person(f"{name}-2", name=full, email=f"{name}@example.com")
        for name, full in (("alice", "Alice Adams"), ("brown", "Alice Brown"))
    ]
    arrive(store, ALICE, BROWN)
    arrive(store, *again)
    say_apart(store, "alice", "brown")
    before = derived(store)
    number = say_one(store, "alice", "brown")
    assert partition(store) == groups("alice alice-2 brown brown-2")
    assert questions(store) == {}
    take_back(store, number)
    assert derived(store) == before


def test_one_contact_cannot_be_two(store: Store) -> None:
    arrive(store, ALICE)
    home = contacts_of(store)["alice"]
    with pytest.raises(CannotDecide, match="split off the records"):
        store.write(lambda db: apart(db, home, home, "steward", ""))


def test_two_who_were_said_to_be_two_are_asked_about_again_when_their_addresses_become_one(store: Store) -> None:
    arrive(store, ALICE, BROWN)
    number = say_apart(store, "alice", "brown")
    assert reopened(store) == []
    arrive(store, BROWN_AS_ADAMS)
    assert partition(store) == groups("alice", "brown")
    (item,) = reopened(store)
    assert "email: different → same" in item["reason"]
    assert item["decision"] == number
    assert f"hub undo {number}" in item["commands"]
    before = derived(store)
    assert rebuilt(store) == before
    say_apart(store, "alice", "brown")
    assert reopened(store) == []
    assert partition(store) == groups("alice", "brown")


def test_a_merge_answers_it_too_and_so_does_an_undo(store: Store) -> None:
    arrive(store, ALICE, BROWN)
    first = say_apart(store, "alice", "brown")
    arrive(store, BROWN_AS_ADAMS)
    second = say_one(store, "alice", "brown")
    assert (partition(store), reopened(store)) == (groups("alice brown"), [])
    take_back(store, second)
    assert len(reopened(store)) == 1
    take_back(store, first)
    assert (partition(store), reopened(store)) == (groups("alice brown"), [])


def test_a_merge_is_asked_about_again_when_the_records_contradict_it(store: Store) -> None:
    arrive(store, ALICE, BROWN)
    number = say_one(store, "alice", "brown")
    assert reopened(store) == []
    arrive(store, person("brown", name="Dora Drew", email="dora@example.com", born="1950-01-01"))
    assert partition(store) == groups("alice brown")
    (item,) = reopened(store)
    assert "phone: same → missing" in item["reason"]
    home = contacts_of(store)["alice"]
    assert item["contacts"] == [home, home]
    assert item["commands"] == [
        "hub merge shop:customers:alice shop:customers:brown",
        "hub split shop:customers:brown",
        f"hub undo {number}",
    ]
    with store.read() as db:
        (question,) = show(db, SETTINGS, home)["review"]
    assert (question["kind"], question["with"]) == ("reopened", home)
    both = record_id(store, "alice"), record_id(store, "brown")
    store.write(lambda db: confirm(db, *both, "steward", "she married"))
    derive(store)
    assert (partition(store), reopened(store)) == (groups("alice brown"), [])


@pytest.mark.parametrize(
    "changed",
    [
        {"name": "Alice Brown", "phone": PHONE, "email": "brown@example.com", "job": "director"},
        {"name": "Alice Brown", "phone": PHONE, "email": "somebody.else@example.com"},
        {"name": "Alice Brown", "phone": "0491 570 157", "email": "brown@example.com"},
    ],
)
def test_a_change_that_does_not_speak_against_it_opens_nothing(store: Store, changed: dict[str, str]) -> None:
    arrive(store, ALICE, BROWN)
    say_apart(store, "alice", "brown")
    arrive(store, person("brown", at=minute(5), **changed))
    assert partition(store) == groups("alice", "brown")
    assert questions(store) == {}


def test_to_confirm_takes_two_records_that_are_there(store: Store) -> None:
    arrive(store, ALICE)
    one = record_id(store, "alice")
    with pytest.raises(CannotDecide, match="name two records"):
        store.write(lambda db: confirm(db, one, one, "steward", ""))
