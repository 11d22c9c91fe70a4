"""The queue of open questions: what comes first, what each says, and which commands answer it."""

from __future__ import annotations

from itertools import product
from typing import Any

from connectors.kit.base import Record
from hub.decide import apart, merge, say_of_value, undo
from hub.queries.review import open_items
from hub.queries.totals import review_open
from hub.stages.crowds import GOOD, SHARED
from hub.store.engine import Store
from tests.hub.world import STANDARD, contacts_of, derive, land_and_resolve, person

FAMILY = [
    person("father", name="Ian Reid", phone="0491 570 157", born="1951-02-03"),
    person("son", name="Ian Reid", phone="0491 570 157", born="1979-11-28"),
]
"""A conflict: they match, but were born on different days."""

PHONE = "0491 570 158"
ALICE = person("alice", name="Alice Adams", email="alice@example.com", phone=PHONE)
BROWN = person("brown", name="Alice Brown", email="brown@example.com", phone=PHONE)
CROWD = [
    person(f"{first}-{last}", name=f"{first} {last}", phone="0491 570 156")
    for first, last in product(("Ada", "Boris", "Clara", "Dmitri"), ("Abbott", "Bianchi", "Castro"))
]


def items(store: Store, limit: int = 100) -> list[dict[str, Any]]:
    with store.read() as db:
        return open_items(db, STANDARD, limit)


def kinds(store: Store, limit: int = 100) -> list[str]:
    return [item["kind"] for item in items(store, limit)]


def test_conflicts_come_first_then_reopened_then_popular_values_then_the_others(store: Store) -> None:
    carol = [person("carol", name="Carol Kent", email="carol@example.com", phone="0491 570 159"),
             person("lane", name="Carol Lane", email="lane@example.com", phone="0491 570 159")]  # fmt: skip
    land_and_resolve(store, [ALICE, BROWN, *carol, *FAMILY, *CROWD])
    assert kinds(store) == ["conflict", "popular_value", "possible_match", "possible_match"]
    home = contacts_of(store)
    store.write(lambda db: apart(db, home["carol"], home["lane"], "steward", ""))
    land_and_resolve(store, [person("lane", name="Carol Lane", email="carol@example.com", phone="0491 570 159")])
    assert kinds(store) == ["conflict", "reopened", "popular_value", "possible_match"]
    for limit in range(1, 5):
        assert kinds(store, limit) == kinds(store)[:limit]
    with store.read() as db:
        assert review_open(db) == 4


def test_a_pair_tells_who_it_is_about_why_and_what_to_type(store: Store) -> None:
    land_and_resolve(store, [ALICE, BROWN])
    (item,) = items(store)
    home = contacts_of(store)
    both = f"{home['alice']} {home['brown']}"
    assert (item["left"], item["right"]) == ("shop:customers:alice", "shop:customers:brown")
    assert item["contacts"] == [home["alice"], home["brown"]]
    assert STANDARD.likely <= item["weight"] * 1000 < STANDARD.automatic
    assert item["reason"].startswith("They may be one person. For it: the same phone number, +61491570158")
    assert item["commands"] == [f"hub merge {both}", f"hub apart {both}"]


def test_a_popular_value_tells_how_many_hold_it_and_what_to_type(store: Store) -> None:
    land_and_resolve(store, CROWD)
    (item,) = items(store)
    assert item == {
        "kind": "popular_value",
        "value_kind": "phone",
        "value": "+61491570156",
        "people": 12,
        "reason": "12 different people have it, so that it joins nobody. Do they share it, or is it good?",
        "commands": ["hub value shared +61491570156", "hub value good +61491570156"],
    }


def test_a_word_on_the_value_removes_the_question_and_undo_brings_it_back(store: Store) -> None:
    land_and_resolve(store, CROWD)
    for verdict in (SHARED, GOOD):
        number = store.write(
            lambda db, verdict=verdict: say_of_value(db, "phone", "+61491570156", verdict, "steward", "")
        )
        derive(store)
        assert items(store) == []
        store.write(lambda db, number=number: undo(db, number, "steward"))
        derive(store)
        assert kinds(store) == ["popular_value"]


def test_names_with_blanks_are_quoted_for_the_shell(store: Store) -> None:
    odd = Record("brown; rm -r", {**BROWN.data, "id": "odd"})
    land_and_resolve(store, [ALICE, odd])
    home = contacts_of(store)
    number = store.write(lambda db: merge(db, home["alice"], home["brown; rm -r"], "steward", ""))
    derive(store)
    land_and_resolve(store, [Record("brown; rm -r", {"id": "odd", "name": "Dora Drew", "born": "1950-01-01"})])
    (item,) = items(store)
    assert item["commands"][1:] == ["hub split 'shop:customers:brown; rm -r'", f"hub undo {number}"]
