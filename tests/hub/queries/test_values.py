"""Values that many hold: found in any form that people type, and counted by different people."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection

from connectors.kit.base import Record
from hub.decide import say_of_value
from hub.queries import values
from hub.queries.find import NotFound
from hub.queries.review_queue import POPULAR_VALUE, Narrowed, some_questions
from hub.queries.values import Popular, count_open_popular_values, find_value, popular_value
from hub.stages.crowds import SHARED
from hub.store.engine import Store
from tests.hub.world import ALICE, land_and_resolve, person

FIRST = ("Ada", "Boris", "Clara", "Dmitri", "Edith", "Farid", "Greta", "Hugo", "Ines", "Jorge", "Luca", "Mona")
LAST = ("Abbott", "Bianchi", "Castro", "Dubois", "Eriksen", "Fischer", "Gruber", "Horvat", "Ivanov", "Jansen")


def crowd(**held: str) -> list[Record]:
    """Twelve people who hold the same values."""
    return [
        person(f"{first}{held}", name=f"{first} {last}", **held) for first, last in zip(FIRST, LAST * 2, strict=False)
    ]


def open_popular_values(db: Connection, most: int) -> list[Popular]:
    """Those that the queue asks about, those that most hold first."""
    asked = some_questions(db, most, Narrowed(POPULAR_VALUE))
    found = [value for one in asked if (value := popular_value(db, one.left))]
    return sorted(found, key=lambda one: -one.people)


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("Alice@Example.com", ("email", "alice@example.com")),
        (" alice@example.com ", ("email", "alice@example.com")),
        ("0491 570 156", ("phone", "+61491570156")),
        ("+61 491 570 156", ("phone", "+61491570156")),
        ("(0491) 570-156", ("phone", "+61491570156")),
        ("491570156", ("phone", "+61491570156")),
        ("loyalty=4711", ("identifier", "loyalty=4711")),
        ("loyalty = 4711", ("identifier", "loyalty=4711")),
    ],
)
def test_a_value_is_found_however_it_is_written(sqlite_store: Store, typed: str, found: tuple[str, str]) -> None:
    land_and_resolve(sqlite_store, [person("alice", **{**ALICE.data, "loyalty": "4711"})])
    with sqlite_store.read() as db:
        assert find_value(db, typed, "AU") == found


def test_an_address_with_an_equals_sign_is_an_address(sqlite_store: Store) -> None:
    land_and_resolve(sqlite_store, [person("alice", name="Alice Adams", email="a=b@example.com")])
    with sqlite_store.read() as db:
        assert find_value(db, "a=b@example.com", "AU") == ("email", "a=b@example.com")


@pytest.mark.parametrize(
    "typed", ["bob@example.com", "0491 570 157", "loyalty=1", "loyalty", "=", "", "@", "a\x1e=\x00"]
)
def test_what_nobody_holds_is_not_found(store: Store, typed: str) -> None:
    land_and_resolve(store, [ALICE])
    with store.read() as db, pytest.raises(NotFound, match="nobody holds the value"):
        find_value(db, typed, "AU")


def test_popular_values_are_told_with_how_many_people_hold_them(store: Store) -> None:
    land_and_resolve(store, [*crowd(phone="0491 570 156"), *crowd(email="a@example.com")[:11], ALICE])
    with store.read() as db:
        assert open_popular_values(db, 10) == [
            Popular("phone", "+61491570156", 13),
            Popular("email", "a@example.com", 11),
        ]
        assert len(open_popular_values(db, 1)) == 1
        assert count_open_popular_values(db) == 2
    store.write(lambda db: say_of_value(db, "phone", "+61491570156", SHARED, "steward", ""))
    with store.read() as db:
        assert [one.kind for one in open_popular_values(db, 10)] == ["email"]
        assert count_open_popular_values(db) == 1


def test_counting_ends_somewhere(sqlite_store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(values, "MOST_COUNTED", 5)
    land_and_resolve(sqlite_store, crowd(phone="0491 570 156"))
    with sqlite_store.read() as db:
        assert [one.people for one in open_popular_values(db, 10)] == [5]
