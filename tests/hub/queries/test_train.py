"""What training goes on: what people have decided of records that are alive, or a file of labels; and its preview."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dedupe.engine.weights import Model, load
from hub.decide import merge, split, undo
from hub.queries.preview import Preview, preview, with_names
from hub.queries.train import Everybody, Lesson, everybody, from_decisions, from_truth, without_labels
from hub.store.engine import Store
from tests.hub.world import (
    ALICE,
    ALICE_AGAIN,
    BOB,
    CHARLIE,
    contacts_of,
    derive,
    derived,
    gone,
    land_and_resolve,
    person,
    record_id,
)

STANDARD = load()
MAYBE = person("maybe", name="Alice Adams", loyalty="L9")
"""Alice without her address, or somebody of her name: a person is asked."""

LENIENT = replace(STANDARD, version="lenient", prior=STANDARD.prior + 6_000)
STRICT = replace(STANDARD, version="strict", prior=STANDARD.prior - 30_000)


def everyone(store: Store) -> Everybody:
    with store.read() as db:
        return everybody(db)


def decided(store: Store) -> Lesson:
    return from_decisions(everyone(store), STANDARD)


def shown(store: Store, model: Model) -> Preview:
    with store.read() as db:
        return with_names(db, preview(everybody(db), STANDARD, model))


def merge_them(store: Store, one: str, other: str) -> int:
    found = contacts_of(store)
    return store.write(lambda db: merge(db, found[one], found[other], "steward", ""))


def split_off(store: Store, one: str) -> int:
    return store.write(lambda db: split(db, [record_id(store, one)], "steward", ""))


def test_a_merge_is_a_pair_of_one_person_and_a_split_one_of_two(store: Store) -> None:
    land_and_resolve(store, [ALICE, ALICE_AGAIN, MAYBE, BOB, CHARLIE])
    before = without_labels(everyone(store), STANDARD)
    assert (before.way, before.labelled.counts()) == ("em", (0, 0))
    merge_them(store, "alice", "maybe")
    split_off(store, "alice-2")
    found = decided(store)
    assert found.labelled.counts() == (1, 1)
    assert (found.source, found.unused) == ("2 decisions", 0)
    assert len(found.candidates) >= len(before.candidates)


def test_records_that_share_nothing_are_no_label_whatever_was_decided(store: Store) -> None:
    land_and_resolve(store, [ALICE, CHARLIE])
    merge_them(store, "alice", "charlie")
    assert (decided(store).labelled.counts(), decided(store).unused) == ((0, 0), 1)


@pytest.mark.parametrize("how", ["undone", "deleted"])
def test_what_is_undone_or_gone_is_no_label(how: str, store: Store) -> None:
    land_and_resolve(store, [ALICE, MAYBE])
    number = merge_them(store, "alice", "maybe")
    assert decided(store).labelled.counts() == (1, 0)
    if how == "undone":
        store.write(lambda db: undo(db, number, "steward"))
    else:
        land_and_resolve(store, [gone(MAYBE)])
    assert decided(store).labelled.counts() == (0, 0)


def test_what_is_merged_by_itself_is_no_label(store: Store) -> None:
    land_and_resolve(store, [ALICE, ALICE_AGAIN, BOB])
    assert contacts_of(store)["alice"] == contacts_of(store)["alice-2"]
    assert decided(store).labelled.counts() == (0, 0)


def test_of_a_file_only_pairs_count_of_which_both_are_labelled(store: Store) -> None:
    land_and_resolve(store, [ALICE, MAYBE, BOB, CHARLIE])

    def lesson(**persons: str) -> tuple[int, int]:
        labels = {("shop", "customers", one): who for one, who in persons.items()}
        return from_truth(everyone(store), labels, "truth.csv", STANDARD).labelled.counts()

    assert lesson(alice="A", maybe="A", bob="B", charlie="C") == (1, 1)
    assert lesson(alice="A", bob="A") == (1, 0)
    assert lesson(alice="A", charlie="C", nobody="A") == (0, 0)


def test_the_preview_of_the_same_model_changes_nothing(store: Store) -> None:
    land_and_resolve(store, [ALICE, MAYBE, BOB, CHARLIE])
    found = shown(store, STANDARD)
    assert (found.merged, found.split, found.to_merge, found.to_split) == (0, 0, (), ())
    assert found.contacts == (4, 4)
    assert found.questions[0] == found.questions[1] >= 1


def test_it_tells_whom_a_more_lenient_model_would_merge_and_stores_nothing(store: Store) -> None:
    land_and_resolve(store, [ALICE, MAYBE, CHARLIE])
    before, home = derived(store), contacts_of(store)
    found = shown(store, LENIENT)
    assert (found.contacts, found.merged, found.split) == ((3, 2), 1, 0)
    (one,) = found.to_merge
    assert set(one.others) == {home["alice"], home["maybe"]}
    assert {one.names[other] for other in one.others} == {"Alice Adams"}
    assert found.questions == (1, 0)
    assert derived(store) == before


def test_what_it_tells_is_what_comes_once_the_model_is_in_force(store: Store) -> None:
    land_and_resolve(store, [ALICE, MAYBE, BOB, CHARLIE])
    found = shown(store, LENIENT)
    derive(store, LENIENT)
    home = contacts_of(store)
    assert len(set(home.values())) == found.contacts[1]
    assert home["alice"] == home["maybe"] == found.to_merge[0].contact


def test_it_tells_whom_a_stricter_model_would_split(store: Store) -> None:
    short = person("short", name="A Adams", email="alice@example.com")
    land_and_resolve(store, [ALICE, short, BOB])
    home = contacts_of(store)
    assert home["alice"] == home["short"]
    found = shown(store, STRICT)
    assert (found.merged, found.split) == (0, 1)
    assert found.to_split[0].contact == home["alice"]
    assert len(found.to_split[0].others) == 2


def test_decisions_hold_under_any_model(store: Store) -> None:
    land_and_resolve(store, [ALICE, MAYBE, BOB, CHARLIE])
    merge_them(store, "alice", "maybe")
    derive(store)
    assert shown(store, STRICT).split == 0
