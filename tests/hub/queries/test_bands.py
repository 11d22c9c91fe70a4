"""The two partitions that can be asked for, and how they are measured against labels."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dedupe.engine.weights import load
from dedupe.evaluate import Pairs
from hub.decide import split, undo
from hub.queries.bands import Band, likely_assignments
from hub.queries.evaluate import Evaluation, NothingFound, evaluate_against
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
    land_and_map,
    land_and_resolve,
    person,
    record_id,
)

MAYBE = person("maybe", name="Alice Adams", loyalty="L9")
"""Alice under another name, or somebody who uses her address: a person is asked."""

PEOPLE = {"alice": "Alice", "maybe": "Alice", "bob": "Bob"}


def likely(store: Store) -> dict[str, str]:
    """external id -> contact id, of everybody who is there."""
    with store.read() as db:
        found = likely_assignments(db, load())
    names = {record_id(store, one): one for one in contacts_of(store)}
    return {names[number]: contact_id for number, contact_id in found.items()}


def measured(store: Store, persons: dict[str, str], band: Band = Band.AUTOMATIC) -> Evaluation:
    labels = {("shop", "customers", external_id): person for external_id, person in persons.items()}
    with store.read() as db:
        return evaluate_against(db, labels, band, load())


def test_the_likely_band_merges_whom_a_person_is_asked_about_and_stores_nothing(store: Store) -> None:
    land_and_resolve(store, [ALICE, MAYBE, BOB, CHARLIE])
    before, merged = derived(store), likely(store)
    assert merged == contacts_of(store) | {"maybe": contacts_of(store)["alice"]}
    assert contacts_of(store)["maybe"] != contacts_of(store)["alice"]
    assert derived(store) == before


def test_it_is_what_the_resolver_makes_when_its_threshold_is_lowered(store: Store) -> None:
    land_and_resolve(store, [ALICE, MAYBE, BOB, ALICE_AGAIN, CHARLIE])
    merged = likely(store)
    land_and_resolve(store, [gone(one) for one in (ALICE, MAYBE, BOB, ALICE_AGAIN, CHARLIE)])
    lowered = replace(load(), automatic=load().likely, floor=load().likely)
    land_and_resolve(store, [CHARLIE, ALICE_AGAIN, BOB, MAYBE, ALICE], lowered)
    assert {frozenset(one for one in merged if merged[one] == home) for home in merged.values()} == {
        frozenset({"alice", "alice-2", "maybe"}),
        frozenset({"bob"}),
        frozenset({"charlie"}),
    }
    assert contacts_of(store) == merged


def test_what_a_person_has_parted_stays_apart_in_the_likely_band_until_it_is_undone(store: Store) -> None:
    land_and_resolve(store, [ALICE, ALICE_AGAIN])
    number = store.write(lambda db: split(db, [record_id(store, "alice-2")], "steward", ""))
    derive(store)
    assert len(set(likely(store).values())) == 2
    store.write(lambda db: undo(db, number, "steward"))
    derive(store)
    assert len(set(likely(store).values())) == 1


def test_who_waits_for_the_resolver_has_no_contact_in_either_band(store: Store) -> None:
    land_and_resolve(store, [ALICE])
    land_and_map(store, [MAYBE])
    assert likely(store) == contacts_of(store) == {"alice": contacts_of(store)["alice"]}


def test_only_labelled_records_count_and_those_that_are_not_here_are_listed(store: Store) -> None:
    land_and_resolve(store, [ALICE, ALICE_AGAIN, MAYBE, BOB, CHARLIE])
    found = measured(store, PEOPLE | {"nobody": "Alice"})
    assert found.missing == [("shop", "customers", "nobody")]
    assert found.figures.pairs == Pairs(claimed=0, true=1, both=0)
    assert found.figures.records == 3


def test_each_band_has_its_own_figures_and_both_have_one_curve(store: Store) -> None:
    land_and_resolve(store, [ALICE, MAYBE, BOB])
    automatic, likely = (measured(store, PEOPLE, band) for band in Band)
    assert (automatic.figures.pairs.recall, likely.figures.pairs.recall) == (0, 1)
    assert automatic.curve == likely.curve
    assert automatic.curve[0].pairs.both == 1
    assert [one.same for one in automatic.histogram if one.same] == [1]


def test_labels_of_other_records_alone_measure_nothing(store: Store) -> None:
    land_and_resolve(store, [ALICE])
    with pytest.raises(NothingFound):
        measured(store, {"nobody": "Alice"})
