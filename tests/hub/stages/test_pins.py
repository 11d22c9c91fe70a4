"""Pinned fields in the store: they win, they follow their record, and undone they never were."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from hub.decide import CannotDecide, merge, named_in, pin, split, undo
from hub.queries.contact import show
from hub.stages.map import people
from hub.stages.reading import decision_pins
from hub.store.engine import Store
from tests.hub.world import (
    contacts_of,
    derive,
    derived,
    gone,
    land_and_resolve,
    minute,
    person,
    record_id,
    rows,
    settings,
)

OLD = person("alice", at=minute(1), name="Alice Adams", email="alice@example.com", job="clerk")
NEW = person("alice-2", at=minute(2), name="Alice Adams", email="alice@example.com", job="director")
BOB = person("bob", at=minute(3), name="Robert Brown", email="bob@example.com", job="cook")


@pytest.fixture(autouse=True)
def cast(store: Store) -> None:
    land_and_resolve(store, [OLD, NEW, BOB])


def pinned(store: Store, name: str, field: str = "job_title", value: Any = "clerk") -> int:
    number = store.write(lambda db: pin(db, record_id(store, name), field, value, "steward", "she said so"))
    derive(store)
    return number


def golden(store: Store, name: str, field: str = "job_title") -> dict[str, Any]:
    with store.read() as db:
        found: dict[str, Any] = show(db, settings(), contacts_of(store)[name])["golden"][field]
    return found


def test_a_pin_wins_until_it_is_undone_and_then_never_was(store: Store) -> None:
    before = derived(store)
    assert golden(store, "alice")["value"] == "director"
    number = pinned(store, "alice")
    one = golden(store, "alice")
    assert (one["value"], one["source"], one["rule"]) == ("clerk", "shop:customers:alice", "pinned")
    assert [lost["value"] for lost in one["others"]] == ["director"]
    store.write(lambda db: undo(db, number, "auditor"))
    derive(store)
    assert golden(store, "alice")["value"] == "director"
    assert derived(store) == before


def test_the_newer_of_two_pins_wins(store: Store) -> None:
    pinned(store, "alice")
    newer = pinned(store, "alice-2", value="director")
    assert golden(store, "alice")["value"] == "director"
    store.write(lambda db: undo(db, newer, "auditor"))
    derive(store)
    assert golden(store, "alice")["value"] == "clerk"


def test_a_pin_wins_over_what_its_record_says_later(store: Store) -> None:
    pinned(store, "alice")
    land_and_resolve(store, [person("alice", at=minute(9), name="Alice Adams", email="alice@example.com", job="boss")])
    assert golden(store, "alice")["value"] == "clerk"


def test_a_pin_follows_its_record_through_merge_and_split(store: Store) -> None:
    pinned(store, "alice")
    home = contacts_of(store)
    number = store.write(lambda db: merge(db, home["alice"], home["bob"], "steward", ""))
    derive(store)
    assert golden(store, "bob")["value"] == "clerk"
    store.write(lambda db: undo(db, number, "steward"))
    store.write(lambda db: split(db, [record_id(store, "alice")], "steward", ""))
    derive(store)
    assert {name: golden(store, name)["value"] for name in ("alice", "alice-2", "bob")} == {
        "alice": "clerk",
        "alice-2": "director",
        "bob": "cook",
    }


def test_a_pin_sleeps_while_its_record_is_gone(store: Store) -> None:
    pinned(store, "alice")
    land_and_resolve(store, [gone(OLD, at=minute(5))])
    assert golden(store, "alice-2")["value"] == "director"
    land_and_resolve(store, [person("alice", at=minute(7), name="Alice Adams", email="alice@example.com", job="boss")])
    assert golden(store, "alice-2")["value"] == "clerk"


def test_a_pinned_member_of_a_list_comes_first(store: Store) -> None:
    home = contacts_of(store)
    store.write(lambda db: merge(db, home["alice"], home["bob"], "steward", ""))
    derive(store)
    first, second = golden(store, "bob", "emails")["value"]
    with store.read() as db:
        said = db.execute(select(people.c.external_id, people.c.fields)).all()
    (holder,) = {row.external_id for row in said if second in row.fields["emails"]} - {"alice-2"} or {"alice"}
    pinned(store, holder, "emails", second)
    assert golden(store, "bob", "emails")["value"] == [second, first]


def test_a_pin_names_its_record(store: Store) -> None:
    number = pinned(store, "alice")
    (row,) = rows(store, decision_pins)
    assert (row["field"], row["value"]) == ("job_title", "clerk")
    with store.read() as db:
        assert named_in(db, number) == {row["birth_id"]}


@pytest.mark.parametrize(("field", "value"), [("job_title", "queen"), ("consents", "x"), ("nothing", "clerk")])
def test_what_the_record_does_not_say_cannot_be_pinned(store: Store, field: str, value: str) -> None:
    with pytest.raises(CannotDecide, match="says nothing like this"):
        pinned(store, "alice", field, value)
    assert rows(store, decision_pins) == []
