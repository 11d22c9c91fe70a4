"""Vendors whose records change without a word, are deleted and come back, or look different from day to day."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from connectors.kit.base import Cursor, Page, Record, Stream
from hub.stages.pull import Wish
from hub.store.engine import Store
from tests.hub.world import (
    ALICE,
    BOB,
    CHARLIE,
    Pulling,
    always,
    connection,
    contacts_of,
    derive,
    gone,
    minute,
    page,
    person,
    sync,
)

PEOPLE = [person(f"p{number}", at=minute(number), name=f"Person {number}") for number in range(1, 8)]

DRIFTED = [
    {"name": {"first": "Dora", "last": "Drift"}},
    {"name": ["Dora"], "email": 7},
    {"full_name": "Dora Drift", "mail": "dora@example.com"},
    {"name": "Dora Drift", "email": {"address": "dora@example.com"}, "born": {"year": 1990}},
    {"name": None, "email": None, "born": "soon", "addresses": 12},
]


def from_the_cursor_on(everyone: list[Record]) -> Pulling:
    """A vendor that is asked by time of change."""

    def pull(one: Stream, cursor: Cursor | None) -> Iterator[Page]:
        start = cursor.position if cursor and cursor.position else minute(0)
        yield page([record for record in everyone if record.changed_at and record.changed_at >= start], minute(7))

    return pull


@pytest.mark.fault("H25")
def test_reading_everything_finds_a_change_that_moved_no_cursor(store: Store) -> None:
    everyone = list(PEOPLE)
    sync(store, connection(from_the_cursor_on(everyone)))
    everyone[0] = person("p1", at=minute(1), name="Another Name")
    (end,) = sync(store, connection(from_the_cursor_on(everyone)))
    assert end.buckets.applied == 0
    (end,) = sync(store, connection(from_the_cursor_on(everyone)), wish=Wish(full=True))
    assert (end.buckets.applied, end.buckets.unchanged) == (1, 6)


@pytest.mark.fault("D14")
@pytest.mark.fault("H26")
def test_who_is_deleted_is_gone_who_is_absent_is_not_and_who_comes_back_is_the_same(store: Store) -> None:
    sync(store, connection(always(page([ALICE, BOB, CHARLIE]))))
    derive(store)
    before = contacts_of(store)
    sync(store, connection(always(page([gone(ALICE, minute(1)), BOB]))))
    derive(store)
    assert contacts_of(store) == {name: before[name] for name in ("bob", "charlie")}
    sync(store, connection(always(page([replace(ALICE, changed_at=minute(2))]))))
    derive(store)
    assert contacts_of(store) == before


@pytest.mark.fault("H28")
@pytest.mark.parametrize("data", DRIFTED)
def test_fields_that_go_come_and_change_their_type_cost_nobody_else_anything(store: Store, data: Any) -> None:
    """In quarantine or with a remark, as the mapping has it; the run goes on."""
    drifted = Record("drifted", {"id": "drifted", **data}, minute(3))
    (end,) = sync(store, connection(always(page([*PEOPLE, drifted]))), hold={"share": "50%"})
    assert (end.status, end.buckets.applied + end.buckets.quarantined) == ("ok", 8)
    derive(store)
    assert {f"p{number}" for number in range(1, 8)} <= contacts_of(store).keys()
