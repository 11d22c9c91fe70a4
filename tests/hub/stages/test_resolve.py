"""Resolving, story by story: crowds on one value, questions, ids that live on, changes that come while it thinks."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from connectors.kit.base import Record
from dedupe.engine.weights import load
from hub.decide import merge, split, undo
from hub.stages import increment, resolve
from hub.stages.crowds import popular_keys
from hub.stages.golden import contacts
from hub.stages.map import marks, people
from hub.store.engine import Store
from hub.store.leases import AlreadyRunning, take
from tests.hub import world
from tests.hub.stages.small_worlds import MODEL, derive, leads_to, rebuilt, resolve_once
from tests.hub.world import (
    ALICE,
    ALICE_AGAIN,
    BOB,
    CHARLIE,
    ORDERS_PLACE,
    always,
    connection,
    contacts_of,
    derived,
    gone,
    groups,
    land_and_map,
    land_and_resolve,
    minute,
    page,
    pairs,
    partition,
    person,
    questions,
    record_id,
    rows,
    stream,
    sync,
)


def alice(external_id: str, email: str = "a@x.com", **data: Any) -> Record:
    return person(external_id, name="Alice Adams", email=email, **data)


def longer(external_id: str, email: str = "a@x.com", **data: Any) -> Record:
    """Alice with a middle initial: one contact with the others, but not one node."""
    return person(external_id, name="Alice M Adams", email=email, **data)


def another_alice(external_id: str, email: str = "a@x.com", **data: Any) -> Record:
    """Alike enough to ask, not enough to merge."""
    return person(external_id, name="Alice Brown", email=email, **data)


def decided(store: Store, *links: tuple[str, str], kind: str) -> None:
    for left, right in links:
        if kind == "split":
            store.write(lambda db, left=left: split(db, [record_id(store, left)], "steward", ""))
        else:
            home = contacts_of(store)
            store.write(lambda db, a=home[left], b=home[right]: merge(db, a, b, "steward", ""))


def test_alice_is_one_contact_and_bob_who_shares_her_phone_another(store: Store) -> None:
    resolved = land_and_resolve(store, [ALICE, BOB, ALICE_AGAIN, CHARLIE])
    assert partition(store) == groups("alice alice-2", "bob", "charlie")
    assert (resolved.records, resolved.created, resolved.merged, resolved.split) == (4, 3, 0, 0)
    assert rows(store, marks) == []


def test_what_an_increment_did_is_counted(store: Store) -> None:
    land_and_resolve(store, [ALICE, person("alice-2", name="Alice Adams", email="other@example.com")])
    merged = land_and_resolve(store, [ALICE_AGAIN])
    assert (merged.created, merged.merged, merged.split) == (0, 1, 0)
    apart = land_and_resolve(store, [person("alice-2", name="Dora Drew", email="dora@example.com")])
    assert (apart.created, apart.merged, apart.split) == (0, 0, 1)


def test_a_newcomer_is_compared_with_everybody_a_key_leads_to(store: Store) -> None:
    land_and_resolve(store, [CHARLIE, another_alice("w", "w@x.com", phone="0491 570 156")])
    land_and_resolve(store, [alice("a", phone="0491 570 156")])
    assert questions(store) == {("a", "w"): "possible_match"}


def test_200_guest_orders_are_one_contact(store: Store) -> None:
    orders = [
        Record(
            f"{number}", {"number": f"{number}", "name": "Greta Guest", "email": "greta@example.com"}, minute(number)
        )
        for number in range(200)
    ]
    for start in (0, 90, 150):
        land_and_map(store, orders[start : start + 100], place=ORDERS_PLACE)
        world.derive(store)
    assert len(partition(store)) == 1
    (row,) = rows(store, contacts)
    assert (row["name"], row["email"], row["records"]) == ("Greta Guest", "greta@example.com", 200)


FIRST = """
Ada Boris Clara Dmitri Edith Farid Greta Hugo Ines Jorge Kirsten Luca Mona Nils Olga Pablo Quirin Rosa Stefan Tilda
Umar Vera Wanda Xenia Yusuf
"""


def test_a_value_is_given_up_above_the_cap_and_taken_up_again_below(store: Store) -> None:
    shared = [alice("a1"), alice("a2")]
    land_and_resolve(store, shared, MODEL)
    assert partition(store) == groups("a1 a2")
    bob, carol = (person(one, name=f"{one} Xu", email="a@x.com") for one in ("Bob", "Carol"))
    land_and_map(store, [bob, carol])
    derive(store)
    assert partition(store) == groups("a1", "a2", "Bob", "Carol")
    land_and_map(store, [gone(carol)])
    derive(store)
    assert partition(store) == groups("a1 a2", "Bob")
    assert rows(store, popular_keys) == []


def test_a_crossing_changes_pairs_that_never_shared_the_value(store: Store) -> None:
    """Alice's popular e-mail compares as missing, also with somebody who shares only her phone."""
    phone = "0491 570 156"
    land_and_map(store, [alice("a", phone=phone), another_alice("w", "w@x.com", phone=phone)])
    derive(store)
    assert questions(store) == {("a", "w"): "possible_match"}
    crowd = [person(one, name=f"{one} Xu", email="a@x.com") for one in ("Bob", "Carol")]
    for arriving in (crowd, [gone(one) for one in crowd]):
        land_and_map(store, arriving)
        derive(store)
        before = derived(store)
        assert rebuilt(store) == before


def test_a_popular_value_says_nothing_where_one_of_its_holders_is_looked_at_alone(store: Store) -> None:
    phone = "0491 570 156"
    crowd = [person(one, name=f"{one} Xu", email="a@x.com") for one in ("Bob", "Carol")]
    land_and_resolve(store, [alice("a", phone=phone), *crowd], MODEL)
    land_and_resolve(store, [another_alice("w", "w@x.com", phone=phone)], MODEL)
    before = derived(store)
    assert rebuilt(store) == before


def test_a_popular_resemblance_joins_nobody_in_an_increment_either(store: Store) -> None:
    """The two on Zoe's phone and address share no more with each other than their name, which is everybody's."""
    crowd = [person(one, name="Alice Adams", email=f"{one}@example.com") for one in "pqrstuv"]
    land_and_resolve(store, crowd, MODEL)
    land_and_resolve(store, [person("z", name="Zoe Zhang", email="p@example.com", phone="0491 570 156")], MODEL)
    land_and_resolve(store, [person("z", name="Zoe Zhang", email="q@example.com", phone="0491 570 156")], MODEL)
    before = derived(store)
    assert rebuilt(store) == before


def test_what_a_record_adds_to_its_mate_counts_for_those_who_share_a_key_with_the_mate_alone(store: Store) -> None:
    mate = person("mate", name="Alice Adams", email="sunny77@x.com", phone="0491 570 156")
    nameless = person("nameless", email="sunny77@y.com", street="12 High St")
    land_and_resolve(store, [mate, nameless])
    assert questions(store) == {("mate", "nameless"): "possible_match"}
    land_and_resolve(store, [person("alice", name="Alice Adams", phone="0491 570 156", street="12 High St")])
    assert partition(store) == groups("alice mate nameless")
    assert questions(store) == {}


def test_splitting_equal_records_asks_about_each_of_them(store: Store) -> None:
    phone = "0491 570 156"
    land_and_map(
        store, [alice("a1", phone=phone), alice("a2", phone=phone), another_alice("w", "w@x.com", phone=phone)]
    )
    derive(store)
    assert questions(store) == {("a1", "w"): "possible_match"}
    decided(store, ("a2", ""), kind="split")
    derive(store)
    before = derived(store)
    assert ("a2", "w") in pairs(store)
    assert rebuilt(store) == before


def test_what_was_said_of_a_gone_record_is_gone_with_it(store: Store) -> None:
    land_and_map(store, [alice("a1"), alice("a2")])
    derive(store)
    decided(store, ("a2", ""), kind="split")
    land_and_map(store, [alice("a2", "elsewhere@x.com")])
    derive(store)
    assert pairs(store) == {("a1", "a2"): "apart"}
    land_and_map(store, [gone(alice("a2"))])
    derive(store)
    assert pairs(store) == {}


def test_a_version_that_was_seen_before_its_turn_and_replaced_leaves_nothing(store: Store) -> None:
    """The second Alice shares a phone only while she waits: her neighbour's turn sees it, her own no more."""
    phone = "0491 570 156"
    land_and_map(store, [alice("a", phone=phone), longer("b"), another_alice("w", "w@x.com", phone=phone)])
    derive(store)
    assert pairs(store) == {("a", "b"): "automatic", ("a", "w"): "likely"}
    land_and_map(store, [alice("a", phone=phone, job="new"), longer("b", phone=phone, loyalty="L1")])
    resolve_once(store, chunk=1)
    assert pairs(store)["b", "w"] == "likely"
    land_and_map(store, [longer("b")])
    derive(store)
    before = derived(store)
    assert ("b", "w") not in pairs(store)
    assert rebuilt(store) == before


@pytest.mark.fault("D12")
def test_ids_follow_merges_splits_and_their_undoing(store: Store) -> None:
    land_and_resolve(store, [ALICE, CHARLIE])
    first, second = contacts_of(store)["alice"], contacts_of(store)["charlie"]
    number = store.write(lambda db: merge(db, first, second, "steward", "one person"))
    world.derive(store)
    assert contacts_of(store) == {"alice": first, "charlie": first}
    assert leads_to(store, second) == first
    store.write(lambda db: undo(db, number, "steward"))
    world.derive(store)
    assert contacts_of(store) == {"alice": first, "charlie": second}
    assert leads_to(store, second) == second


@pytest.mark.fault("D13")
def test_a_decision_outlives_a_re_import_with_other_values(store: Store) -> None:
    land_and_resolve(store, [ALICE, ALICE_AGAIN, CHARLIE])
    home = contacts_of(store)
    store.write(lambda db: merge(db, home["alice"], home["charlie"], "steward", "maiden name"))
    store.write(lambda db: split(db, [record_id(store, "alice-2")], "steward", "her daughter"))
    world.derive(store)
    wanted = groups("alice charlie", "alice-2")
    assert partition(store) == wanted
    later = [person(one.id, at=minute(9), **{**one.data, "job": "new"}) for one in (ALICE, ALICE_AGAIN, CHARLIE)]
    land_and_resolve(store, later)
    assert partition(store) == wanted


@pytest.mark.fault("D12")
def test_the_id_of_a_gone_anchor_leads_to_who_is_left(store: Store) -> None:
    land_and_resolve(store, [ALICE])
    land_and_resolve(store, [ALICE_AGAIN])
    shown = contacts_of(store)["alice"]
    land_and_resolve(store, [gone(ALICE)])
    assert contacts_of(store)["alice-2"] != shown
    assert leads_to(store, shown) == contacts_of(store)["alice-2"]


def test_an_anchor_that_died_before_its_turn_has_an_heir_too(store: Store) -> None:
    land_and_map(store, [alice("z")])
    land_and_map(store, [alice("a")])
    derive(store)
    shown = contacts_of(store)["z"]
    assert contacts_of(store)["a"] == shown
    land_and_map(store, [gone(alice("z")), alice("a", job="new")])
    resolve_once(store, chunk=1)
    derive(store, chunk=1)
    assert leads_to(store, shown) == contacts_of(store)["a"]


def test_the_id_of_a_record_that_went_to_quarantine_leads_to_who_is_left(store: Store) -> None:
    land_and_resolve(store, [ALICE, ALICE_AGAIN])
    shown = contacts_of(store)["alice"]
    land_and_resolve(store, [Record("alice", [])])  # type: ignore[arg-type]
    assert leads_to(store, shown) == contacts_of(store)["alice-2"]


@pytest.mark.fault("D10")
def test_records_that_die_and_come_back_in_turn_never_inherit_in_a_circle(store: Store) -> None:
    land_and_resolve(store, [alice("a")])
    land_and_resolve(store, [alice("b"), alice("c")])
    shown = {}
    for one in ("a", "b", "a", "b"):
        shown[one] = contacts_of(store).get(one)
        land_and_resolve(store, [gone(alice(one))])
        if one == "a" and "b" not in shown:
            land_and_resolve(store, [alice("a", job="back")])
    home = contacts_of(store)
    assert set(home) == {"c"}
    assert {leads_to(store, key) for key in shown.values() if key} == {home["c"]}


def test_a_record_marked_anew_while_the_resolver_thinks_is_looked_at_again(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    land_and_map(store, [ALICE, ALICE_AGAIN])
    moved = iter([person("alice-2", name="Dora Drew", email="dora@example.com")])
    look_around = increment.look_around

    def interrupted(*given: Any) -> Any:
        around = look_around(*given)
        land_and_map(store, moved)
        return around

    monkeypatch.setattr(increment, "look_around", interrupted)
    resolved = world.derive(store)
    assert resolved.records == 3
    assert partition(store) == groups("alice", "alice-2")


def test_only_one_resolver_thinks_at_a_time(store: Store) -> None:
    store.write(lambda db: take(db, resolve.LEASE))
    with pytest.raises(AlreadyRunning, match="resolver"):
        world.derive(store)


def test_a_mark_on_nothing_is_worked_off(store: Store) -> None:
    tags = {"tag": "VIP", "member": "nobody"}
    vendor = connection(always(page([Record("t", tags)])), stream("tags"))
    sync(store, vendor)
    assert len(rows(store, marks)) == 1
    world.derive(store)
    assert rows(store, marks) == rows(store, people) == []


def test_marks_are_drained_in_parts_and_progress_is_told(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resolve, "CHUNK", 3)
    land_and_map(store, [person(f"{at}", name=f"{name} Xu") for at, name in enumerate(FIRST.split()[:7])])
    told: list[int] = []
    resolve.resolve_all(store, MODEL, told.append)
    assert told == [3, 6, 7]


def test_another_model_resolves_everything_anew(store: Store) -> None:
    land_and_resolve(store, [ALICE, CHARLIE, person("alise", name="Alise Adams", email="alice@example.com")])
    before = derived(store)
    world.derive(store, replace(load(), automatic=90_000))
    assert partition(store) == groups("alice", "alise", "charlie")
    world.derive(store)
    assert partition(store) == groups("alice alise", "charlie")
    assert derived(store) == before
