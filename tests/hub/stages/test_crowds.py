"""Crowds on one value: how many may hold it, what a person says of it, and that it stays cheap however many do."""

from __future__ import annotations

import time
from itertools import product

import pytest
from sqlalchemy import event

from connectors.kit.base import Record
from dedupe.engine.weights import load
from hub.decide import CannotDecide, say_of_value, undo
from hub.queries.review import open_items
from hub.queries.totals import review_open
from hub.stages.crowds import GOOD, GOOD_FOR, SHARED, popular_keys
from hub.stages.reaching import look_around
from hub.store.engine import Store
from tests.hub.stages.small_worlds import MODEL, derive, rebuilt
from tests.hub.stages.ways import Resolving, at_once, both_ways, in_increments
from tests.hub.world import (
    ORDERS_PLACE,
    STANDARD,
    always,
    connection,
    derived,
    gone,
    groups,
    land_and_map,
    page,
    partition,
    person,
    questions,
    record_id,
    rows,
    sync,
)

_FIRST = """
Ada Boris Clara Dmitri Edith Farid Greta Hugo Ines Jorge Kirsten Luca Mona Nils Olga Pablo Quirin Rosa Stefan Tilda
Umar Vera Wanda Xenia Yusuf
"""
_LAST = """
Abbott Bianchi Castro Dubois Eriksen Fischer Gruber Horvat Ivanov Jansen Kowalski Lindgren Moreau Novak Okafor Petrov
Quintana Rossi Schmidt Tanaka
"""
FIRST, LAST = _FIRST.split(), _LAST.split()
PHONE = "0491 570 156"
MAIL = "a@x.com"
CAP = load().strong_cap


def people_on_one_phone() -> list[Record]:
    return [
        person(f"{at:03}", name=f"{first} {last}", email=f"{first}.{last}@example.com", phone=PHONE)
        for at, (first, last) in enumerate(product(FIRST, LAST))
    ]


def asked(store: Store) -> list[str]:
    with store.read() as db:
        return [item["kind"] for item in open_items(db, STANDARD, 100)]


@both_ways
def test_500_people_on_one_phone_are_500_and_one_question(store: Store, resolving: Resolving) -> None:
    crowd = people_on_one_phone()
    for start, end in ((0, 4), (4, 9), (9, 30), (30, 500)):
        sync(store, connection(always(page(crowd[start:end]))))
        resolving(store)
    assert len(partition(store)) == len(crowd) == 500
    assert neighbours(store, "499") == 1
    assert questions(store) == {}
    with store.read() as db:
        (item,) = open_items(db, STANDARD, 100)
        assert review_open(db) == 1
    assert (item["kind"], item["value_kind"], item["value"], item["people"]) == (
        "popular_value", "phone", "+61491570156", 500)  # fmt: skip


def neighbours(store: Store, external_id: str) -> int:
    """How many records an increment looks at for this one."""
    found = record_id(store, external_id)
    with store.read() as db:
        return len(look_around(db, [found], STANDARD).entries)


def test_a_crowd_that_leaves_at_once_leaves_a_value_that_joins_again(store: Store) -> None:
    """More than are ever counted: how many are gone is not known before the rest has been looked at."""
    crowd, alices = people_on_one_phone()[:60], [person(one, name="Alice Adams", phone=PHONE) for one in ("a", "b")]
    land_and_map(store, [*crowd, alices[0]])
    in_increments(store)
    assert len(rows(store, popular_keys)) == 1
    land_and_map(store, [*map(gone, crowd), alices[1]])
    in_increments(store)
    assert rows(store, popular_keys) == []
    assert partition(store) == groups("a b")


@pytest.mark.slow
def test_10_000_names_on_one_address_are_10_000_people(store: Store) -> None:
    names = [f"{first} {one}{other.lower()}" for first in FIRST for one in LAST for other in LAST]
    land_and_map(store, [person(f"{at}", name=name, email=MAIL) for at, name in enumerate(names)])
    print(f"\n{len(names)} names resolved in {_seconds(store):.1f} s")
    assert len(partition(store)) == len(names) == 10_000
    assert asked(store) == ["popular_value"]
    land_and_map(store, [person("one more", name="Zoe Zhang", email=MAIL)])
    assert neighbours(store, "one more") == 1
    in_increments(store)
    assert len(partition(store)) == 10_001


@pytest.mark.slow
def test_10_000_orders_of_one_guest_are_one_contact(store: Store) -> None:
    orders = [guest_order(number) for number in range(10_000)]
    land_and_map(store, orders, place=ORDERS_PLACE)
    print(f"\n{len(orders)} orders resolved in {_seconds(store):.1f} s")
    assert len(partition(store)) == 1
    assert asked(store) == []
    land_and_map(store, [guest_order(10_000)], place=ORDERS_PLACE)
    started, asked_for = time.monotonic(), statements(store)
    in_increments(store)
    print(f"one more in {time.monotonic() - started:.1f} s")
    assert len(asked_for) < 150
    assert {len(together) for together in partition(store)} == {10_001}


def statements(store: Store) -> list[str]:
    """What the database is asked from now on."""
    found: list[str] = []
    for engine in (store.reader, store.writer):
        event.listen(engine, "before_cursor_execute", lambda *given: found.append(given[2]))
    return found


def guest_order(number: int) -> Record:
    return Record(f"{number}", {"number": f"{number}", "name": "Greta Guest", "email": "greta@example.com"})


def _seconds(store: Store) -> float:
    started = time.monotonic()
    at_once(store)
    return time.monotonic() - started


def alice(external_id: str, email: str = MAIL, name: str = "Alice Adams") -> Record:
    return person(external_id, name=name, email=email)


ALICE, ALICE_M = alice("alice"), alice("alice-m", name="Alice M Adams")
"""One contact by their e-mail address, but not one node."""

OTHERS = [alice(f"{first} {last}", name=f"{first} {last}") for last in LAST[:3] for first in FIRST]


@both_ways
def test_the_record_that_crosses_the_cap_and_its_removal_leave_no_trace(store: Store, resolving: Resolving) -> None:
    land_and_map(store, [ALICE, ALICE_M, *OTHERS[: CAP - 2]])
    resolving(store)
    before, one_too_many = derived(store), OTHERS[CAP]
    assert frozenset({"alice", "alice-m"}) in partition(store)
    land_and_map(store, [one_too_many])
    resolving(store)
    assert {len(together) for together in partition(store)} == {1}
    assert len(rows(store, popular_keys)) == 1
    land_and_map(store, [gone(one_too_many)])
    resolving(store)
    assert derived(store) == before


def say(store: Store, verdict: str, value: str = MAIL) -> int:
    number = store.write(lambda db: say_of_value(db, "email", value, verdict, "steward", ""))
    derive(store)
    return number


def take_back(store: Store, number: int) -> None:
    store.write(lambda db: undo(db, number, "steward"))
    derive(store)


def test_shared_takes_apart_those_who_were_joined_by_it_alone(store: Store) -> None:
    known = [person(f"bob-{one}", name="Bob Baker", email=MAIL, phone=PHONE) for one in "12"]
    land_and_map(store, [ALICE, ALICE_M])
    derive(store)
    before = derived(store)
    assert partition(store) == groups("alice alice-m")
    number = say(store, SHARED)
    assert partition(store) == groups("alice", "alice-m")
    assert "popular_value" not in asked(store)
    take_back(store, number)
    assert derived(store) == before
    land_and_map(store, known)
    say(store, SHARED)
    assert partition(store) == groups("alice", "alice-m", "bob-1 bob-2")


def test_good_joins_although_many_hold_it_but_not_without_end(store: Store) -> None:
    most = MODEL.strong_cap * GOOD_FOR
    land_and_map(store, [ALICE, ALICE_M, *OTHERS[: most - 2]])
    derive(store)
    before, together = derived(store), frozenset({"alice", "alice-m"})
    assert together not in partition(store)
    assert "popular_value" in asked(store)
    number = say(store, GOOD)
    assert together in partition(store)
    assert asked(store) == []
    land_and_map(store, [OTHERS[most]])
    derive(store)
    assert together not in partition(store)
    land_and_map(store, [gone(OTHERS[most])])
    derive(store)
    assert together in partition(store)
    take_back(store, number)
    assert derived(store) == before
    assert "popular_value" in asked(store)


def test_the_newest_word_on_a_value_counts(store: Store) -> None:
    land_and_map(store, [ALICE, ALICE_M, *OTHERS[:2]])
    derive(store)
    together = frozenset({"alice", "alice-m"})
    say(store, SHARED)
    newest = say(store, GOOD)
    assert together in partition(store)
    take_back(store, newest)
    assert together not in partition(store)
    say(store, GOOD)
    say(store, SHARED)
    assert together not in partition(store)


@pytest.mark.fault("D13")
def test_what_was_said_of_a_value_outlives_a_rebuild_and_a_re_import(store: Store) -> None:
    everyone = [ALICE, ALICE_M, *OTHERS[:2]]
    land_and_map(store, everyone)
    derive(store)
    say(store, GOOD)
    before = derived(store)
    assert rebuilt(store) == before
    land_and_map(store, [gone(one) for one in everyone])
    derive(store)
    assert partition(store) == set()
    land_and_map(store, everyone)
    derive(store)
    assert derived(store) == before
    assert frozenset({"alice", "alice-m"}) in partition(store)


def test_nothing_is_said_of_a_value_that_nobody_holds(store: Store) -> None:
    land_and_map(store, [ALICE])
    derive(store)
    with pytest.raises(CannotDecide, match="nobody holds the email nobody"):
        say(store, SHARED, "nobody@example.com")
