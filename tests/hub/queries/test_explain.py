"""Why two records are, or are not, one person."""

from __future__ import annotations

from typing import Any

from dedupe.engine.weights import load
from hub.decide import merge, split
from hub.queries.explain import explain
from hub.queries.find import find
from hub.store.engine import Store
from tests.hub.world import (
    ALICE,
    ALICE_AGAIN,
    BOB,
    CHARLIE,
    contacts_of,
    derive,
    land_and_resolve,
    person,
    record_id,
)


def explained(store: Store, left: str, right: str) -> dict[str, Any]:
    with store.read() as db:
        return explain(db, find(db, left, "AU"), find(db, right, "AU"), load())


def key(external_id: str) -> str:
    return f"shop:customers:{external_id}"


def test_a_match_names_what_agrees_and_what_it_weighs(store: Store) -> None:
    land_and_resolve(store, [ALICE, ALICE_AGAIN])
    told = explained(store, key("alice"), key("alice-2"))
    assert (told["left"], told["right"]) == (key("alice"), key("alice-2"))
    assert (told["one_contact"], told["judgement"]) == (True, "automatic")
    assert {one["field"]: one["level"] for one in told["comparisons"]} == {"email": "same", "name": "same, common"}
    assert told["weight"] == sum(one["weight"] for one in told["comparisons"]) + load().prior / 1000
    assert told["reason"].startswith("For it: the same e-mail address, alice@example.com; the same name, Alice Adams (")
    assert told["reason"].endswith("That is enough: they are merged without asking.")
    assert told["path"] == [key("alice"), key("alice-2")]


def test_two_who_share_a_phone_are_told_apart_by_their_names(store: Store) -> None:
    land_and_resolve(store, [ALICE, BOB])
    told = explained(store, "alice@example.com", "bob@example.com")
    assert (told["one_contact"], told["judgement"], told["path"]) == (False, "none", [])
    assert {one["field"] for one in told["comparisons"]} >= {"phone", "name"}
    assert "the first names are different: Alice Adams and Robert Adams" in told["reason"]


def test_strangers_have_nothing_in_common(store: Store) -> None:
    land_and_resolve(store, [person("a", name="Ada Abbott"), person("b", email="b@example.com")])
    told = explained(store, key("a"), key("b"))
    assert (told["judgement"], [one["level"] for one in told["comparisons"]]) == ("none", ["missing"])
    assert "no name to compare" in told["reason"]


def test_a_value_that_is_not_used_is_told_with_how_many_hold_it(store: Store) -> None:
    crowd = [person(f"{at}", name=f"{first} Xu", phone="0491 570 156") for at, first in enumerate(FIRST_NAMES)]
    land_and_resolve(store, crowd)
    told = explained(store, key("0"), key("1"))
    assert told["not_used"] == [f"phone +61491570156: shared by {len(crowd)} different people"]
    assert "phone" not in {one["field"] for one in told["comparisons"]}
    assert f"phone number shared by {len(crowd)} people: not used" in told["reason"]


FIRST_NAMES = ("Ada", "Boris", "Clara", "Dmitri", "Edith", "Farid", "Greta", "Hugo", "Ines", "Jorge", "Luca", "Mona")


def test_what_a_person_decided_is_said_first(store: Store) -> None:
    land_and_resolve(store, [ALICE, ALICE_AGAIN, CHARLIE])
    home = contacts_of(store)
    store.write(lambda db: merge(db, home["alice"], home["charlie"], "steward", ""))
    store.write(lambda db: split(db, [record_id(store, "alice-2")], "steward", ""))
    derive(store)
    one, other = explained(store, key("alice"), key("charlie")), explained(store, key("alice"), key("alice-2"))
    assert (one["judgement"], one["reason"], one["one_contact"]) == (
        "merged",
        "A person decided that they are one.",
        True,
    )
    assert (other["judgement"], other["reason"], other["one_contact"]) == (
        "apart",
        "A person decided that they are not one.",
        False,
    )


def test_two_ends_of_a_chain_are_one_through_the_records_between(store: Store) -> None:
    chain = [
        person("a", name="Alice Adams", email="a@example.com"),
        person("b", name="Alice Adams", email="a@example.com", phone="0491 570 156", born="1980-04-11"),
        person("c", name="Alice Adams", phone="0491 570 156"),
    ]
    land_and_resolve(store, chain)
    told = explained(store, key("a"), key("c"))
    assert told["one_contact"]
    assert told["path"] == [key("a"), key("b"), key("c")]
    assert told["reason"].endswith("These two are one contact through other records.")


def test_who_matches_a_father_and_his_son_is_told_why_they_are_not_joined(store: Store) -> None:
    family = [
        person("father", name="Ian Reid", phone="0491 570 156", born="1951-02-03"),
        person("son", name="Ian Reid", phone="0491 570 156", born="1979-11-28"),
        person("either", name="Ian Reid", phone="0491 570 156"),
    ]
    land_and_resolve(store, family)
    told = explained(store, key("either"), key("son"))
    assert (told["one_contact"], told["judgement"]) == (False, "automatic")
    assert told["reason"].endswith("They match, but joining them would join records that exclude each other.")


def test_a_contact_is_compared_by_the_pair_that_speaks_loudest(store: Store) -> None:
    land_and_resolve(store, [ALICE, ALICE_AGAIN, BOB])
    told = explained(store, contacts_of(store)["alice"], key("bob"))
    assert told["left"] == key("alice")
    alone = explained(store, key("bob"), key("bob"))
    assert alone["one_contact"]
