"""Schema drift: a vendor's next version is noticed by field, since when, and with the form of a value."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.kit.base import Record
from hub.queries.drift import drift
from hub.stages.looking import MOST_FIELDS, MOST_LOOKED, fields
from hub.stages.runs import states
from hub.store.engine import Store
from tests.hub.stages.consent_world import customer, hear, reason_of
from tests.hub.world import always, connection, minute, page, person, rows, sync


def notes(store: Store, now: datetime | None = None) -> dict[tuple[str, str], dict[str, Any]]:
    with store.read() as db:
        return {(one["field"], one["what"]): one for one in drift(db, now or datetime.now(UTC))}


def people(begin: int, number: int = 30, **data: Any) -> list[Record]:
    ids = [f"p{one:03}" for one in range(begin, begin + number)]
    return [person(one, at=minute(1), name=f"Person {one}", **data) for one in ids]


def pull(store: Store, records: list[Record]) -> None:
    (end,) = sync(store, connection(always(page(records))))
    assert end.status == "ok"


@pytest.mark.fault("H28")
def test_a_field_that_is_new_gone_or_of_another_kind_is_told_with_its_form(store: Store) -> None:
    before = datetime.now(UTC)
    pull(store, people(0, email="alice@example.com", points=12))
    assert notes(store) == {}
    pull(store, people(30, mail="bob@example.org", points="12 points"))
    found = notes(store)
    assert set(found) == {("mail", "new"), ("points", "retyped"), ("email", "gone")}
    assert found["mail", "new"]["sample"] == "xxx@xxxxxxx.xxx"
    assert (found["points", "retyped"]["kind"], found["points", "retyped"]["sample"]) == ("text", "99 xxxxxx")
    assert all(one["first_seen_at"] > before for one in found.values())
    assert {(one["connection"], one["stream"]) for one in found.values()} == {("shop", "customers")}


def test_what_is_new_is_told_for_a_month_and_what_comes_back_is_not_gone(store: Store) -> None:
    pull(store, people(0, email="alice@example.com"))
    pull(store, people(30, points=1))
    later = datetime.now(UTC) + timedelta(days=31)
    assert set(notes(store, later)) == {("email", "gone")}
    pull(store, people(60, 1, email="alice@example.com"))
    assert notes(store, later) == {}


def test_a_field_that_only_some_records_have_is_not_missed(store: Store) -> None:
    some = [record for one in range(0, 30, 2) for record in (*people(one, 1, points=1), *people(one + 1, 1))]
    pull(store, some)
    pull(store, people(30))
    assert notes(store) == {}


def test_few_records_are_not_enough_to_call_anything_new(store: Store) -> None:
    pull(store, people(0, 5))
    pull(store, people(5, 5, points=1))
    assert notes(store) == {}


def test_records_that_did_not_change_are_not_looked_at_again(store: Store) -> None:
    pull(store, people(0))
    pull(store, people(0))
    (state,) = rows(store, states)
    assert state["looked"] == MOST_LOOKED


def test_keys_that_are_data_end_somewhere(sqlite_store: Store) -> None:
    pull(sqlite_store, [person("p", at=minute(1), **{f"key {one}": 1 for one in range(MOST_FIELDS + 50)})])
    assert len(rows(sqlite_store, fields)) == MOST_FIELDS


@pytest.mark.fault("D03")
def test_a_key_that_no_database_keeps_is_told_by_its_form(store: Store) -> None:
    pull(store, people(0))
    odd: dict[str, Any] = {"a\x00b": 1, "c\ud800": 1}
    pull(store, people(30, **odd))
    assert set(notes(store)) == {("x·x", "new"), ("x·", "new")}


@pytest.mark.fault("H28")
def test_a_word_that_the_mapping_does_not_know_is_told_and_its_address_is_never_sendable(store: Store) -> None:
    at = minute(5)
    hear(store, customer("1", at, name="Alice", email="alice@example.com", said="pending_review", said_at=at))
    (note,) = notes(store).values()
    assert (note["what"], note["records"], note["sample"]) == ("unknown_word", 1, "")
    assert reason_of(store, "alice@example.com") == "hold"
    hear(store, customer("1", minute(6), name="Alice", email="alice@example.com", said="yes", said_at=at))
    assert notes(store) == {}


@pytest.mark.fault("A11")
def test_nobody_is_in_a_note(store: Store) -> None:
    pull(store, people(0))
    pull(store, people(30, email="canary@example.com", phone="0491 570 156"))
    assert "canary" not in str(notes(store))
    assert not any(phone in str(notes(store)) for phone in ("0491 570", "491570156"))
