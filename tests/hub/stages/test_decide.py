"""Decisions: what is written down, and what makes no sense."""

from __future__ import annotations

import pytest

from hub.decide import CannotDecide, merge, named_in, split, undo
from hub.stages.map import marks
from hub.stages.reading import decision_links, decisions
from hub.store.engine import Store
from tests.hub.world import ALICE, ALICE_AGAIN, BOB, CHARLIE, contacts_of, land_and_resolve, person, record_id, rows

THIRD = person("alice-3", name="Alice Adams", email="alice@example.com")


@pytest.fixture(autouse=True)
def cast(store: Store) -> None:
    land_and_resolve(store, [ALICE, ALICE_AGAIN, THIRD, BOB, CHARLIE])


def split_off(store: Store, *names: str) -> int:
    return store.write(lambda db: split(db, [record_id(store, name) for name in names], "steward", "why"))


def test_a_merge_is_one_link_between_the_anchors_and_marks_both(store: Store) -> None:
    home = contacts_of(store)
    number = store.write(lambda db: merge(db, home["charlie"], home["bob"], "steward", "moved"))
    (row,) = rows(store, decisions)
    assert (row["id"], row["kind"], row["author"], row["reason"], row["revoked_at"]) == (
        number, "merge", "steward", "moved", None)  # fmt: skip
    (link,) = rows(store, decision_links)
    assert (link["left_id"], link["right_id"], link["link"]) == (*sorted([home["bob"], home["charlie"]]), "must")
    assert {mark["external_id"] for mark in rows(store, marks)} == {"bob", "charlie"}


def test_a_split_parts_each_from_each_and_keeps_the_named_together(store: Store) -> None:
    split_off(store, "alice-2", "alice-3")
    assert sorted(link["link"] for link in rows(store, decision_links)) == ["cannot", "cannot", "must"]


def test_an_undo_keeps_the_row_and_tells_who(store: Store) -> None:
    number = split_off(store, "alice-2")
    store.write(lambda db: undo(db, number, "auditor"))
    (row,) = rows(store, decisions)
    assert row["revoked_by"] == "auditor"
    assert row["revoked_at"] >= row["decided_at"]
    with store.read() as db:
        assert len(named_in(db, number)) == 3


@pytest.mark.fault("D10")
def test_what_makes_no_sense_is_refused_and_writes_nothing(store: Store) -> None:
    alice = contacts_of(store)["alice"]
    with pytest.raises(CannotDecide, match="they are one already"):
        store.write(lambda db: merge(db, alice, alice, "steward", ""))
    with pytest.raises(CannotDecide, match="must all be in one contact"):
        split_off(store, "alice", "bob")
    with pytest.raises(CannotDecide, match="all records of the contact"):
        split_off(store, "alice", "alice-2", "alice-3")
    with pytest.raises(CannotDecide, match="no decision 99"):
        store.write(lambda db: undo(db, 99, "steward"))
    assert rows(store, decisions) == []


def test_nothing_is_undone_twice(store: Store) -> None:
    number = split_off(store, "alice-2")
    store.write(lambda db: undo(db, number, "auditor"))
    with pytest.raises(CannotDecide, match="undone before, by auditor"):
        store.write(lambda db: undo(db, number, "steward"))
