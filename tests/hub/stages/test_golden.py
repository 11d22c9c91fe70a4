"""Golden records: every value with its source, nothing stale, whoever works on it at the same time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import event

from dedupe.engine.weights import load
from dedupe.survivorship import STANDARD, Policy, Rule
from hub.stages import golden
from hub.stages.golden import contacts, golden_all, mark_contacts, marks, provenance, terms
from hub.stages.resolve import resolve_all
from hub.store.engine import Store
from tests.hub.world import (
    ALICE,
    ALICE_AGAIN,
    BOB,
    contacts_of,
    gone,
    land_and_map,
    land_and_resolve,
    minute,
    person,
    record_id,
    rows,
)


def field(store: Store, name: str) -> list[dict[str, Any]]:
    return sorted(
        (row for row in rows(store, provenance) if row["field"] == name),
        key=lambda row: (row["contact_id"], row["position"]),
    )


def test_every_value_names_its_record_and_the_values_that_lost(store: Store) -> None:
    old = person("alice", at=minute(1), name="Alice Adams", email="alice@example.com", job="clerk")
    new = person("alice-2", at=minute(2), name="Alice Adams", email="alice@example.com", job="director")
    land_and_resolve(store, [old, new])
    (job,) = field(store, "job_title")
    assert (job["value"], job["record_id"], job["rule"]) == ("director", record_id(store, "alice-2"), "most recent")
    assert job["others"] == [{"value": "clerk", "record_id": record_id(store, "alice")}]


def test_a_contact_repeats_its_first_values_for_lists(store: Store) -> None:
    land_and_resolve(store, [ALICE, ALICE_AGAIN])
    (row,) = rows(store, contacts)
    assert row == {
        "id": contacts_of(store)["alice"],
        "name": "Alice Adams",
        "email": "alice@example.com",
        "phone": "+61491570156",
        "records": 2,
    }


def test_a_contact_that_lost_its_last_record_is_gone_with_all_that_was_said_of_it(store: Store) -> None:
    land_and_resolve(store, [ALICE])
    land_and_resolve(store, [gone(ALICE)])
    assert [rows(store, one) for one in (contacts, provenance, terms, marks)] == [[], [], [], []]


def test_what_stays_as_it_was_is_not_written_again(store: Store) -> None:
    """Its terms lie all over a large index: writing them again would touch as many pages as a change of all."""
    old = person("alice", at=minute(1), name="Alice Adams", email="alice@example.com", job="clerk")
    land_and_resolve(store, [old])
    written: list[str] = []

    def note(_db: object, _cursor: object, statement: str, *_: object) -> None:
        if any(f'"{kept.name}"' in statement for kept in (contacts, provenance, terms)):
            written.append(statement.split('"')[1])

    new = person("alice", at=minute(2), name="Alice Adams", email="alice@example.com", job="director")
    event.listen(store.writer, "before_cursor_execute", note)
    try:
        land_and_resolve(store, [new])
    finally:
        event.remove(store.writer, "before_cursor_execute", note)
    assert field(store, "job_title")[0]["value"] == "director"
    assert set(written) == {provenance.name}


def test_another_policy_makes_every_contact_anew(store: Store) -> None:
    old = person("alice", at=minute(1), name="Alice Adams", email="alice@example.com", job="clerk")
    new = person("alice-2", at=minute(2), name="Alice Adams", email="alice@example.com")
    land_and_resolve(store, [old, new])
    assert golden_all(store, STANDARD) == 0
    complete = Policy({**STANDARD.fields, "emails": (Rule("most_recent"),)})
    assert golden_all(store, complete) == 1
    assert field(store, "emails")[0]["record_id"] == record_id(store, "alice-2")


def test_a_contact_marked_anew_while_it_is_made_is_made_again(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    land_and_map(store, [ALICE])
    resolve_all(store, load())
    edits = iter([person("alice", name="Alice Adams", job="director")])
    sources = golden.sources

    def interrupted(*given: Any) -> Any:
        found = sources(*given)
        for edit in edits:
            land_and_map(store, [edit])
            resolve_all(store, load())
        return found

    monkeypatch.setattr(golden, "sources", interrupted)
    golden_all(store, STANDARD)
    assert [row["value"] for row in field(store, "job_title")] == ["director"]
    assert rows(store, marks) == []


def test_an_older_view_never_overwrites_a_newer_one(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second process finishes the same contact, from newer records, while the first one still thinks."""
    land_and_map(store, [ALICE])
    resolve_all(store, load())
    edits = iter([person("alice", name="Alice Adams", job="director")])
    sources = golden.sources

    def overtaken(*given: Any) -> Any:
        found = sources(*given)
        for edit in edits:
            land_and_resolve(store, [edit])
        return found

    monkeypatch.setattr(golden, "sources", overtaken)
    golden_all(store, STANDARD)
    assert [row["value"] for row in field(store, "job_title")] == ["director"]


def test_many_who_make_the_same_contacts_golden_make_them_once(store: Store) -> None:
    people = [person(f"{at}", name="Alice Adams", email=f"alice{at}@example.com") for at in range(40)]
    land_and_resolve(store, [*people, BOB])
    before = rows(store, provenance)
    for _ in range(5):
        store.write(lambda db: mark_contacts(db, set(contacts_of(store).values()), mark=1))
        with ThreadPoolExecutor(4) as threads:
            list(threads.map(lambda _: golden_all(store, STANDARD), range(4)))
    key = ("contact_id", "field", "position")
    assert sorted(rows(store, provenance), key=lambda row: [row[one] for one in key]) == sorted(
        before, key=lambda row: [row[one] for one in key]
    )
    assert len(rows(store, contacts)) == 41
