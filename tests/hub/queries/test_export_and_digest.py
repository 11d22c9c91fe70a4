"""What leaves as rows, what two databases are compared by, and the counts that are shown."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.kit.base import Record, Reject
from dedupe.engine.weights import load
from hub.decide import split, undo
from hub.queries.bands import Band
from hub.queries.digest import digest
from hub.queries.export import assignments, golden_contacts
from hub.queries.totals import contacts_total, records_total, review_open
from hub.stages.quarantine import groups as quarantined
from hub.store.engine import Store
from tests.hub.world import (
    ALICE,
    ALICE_AGAIN,
    BOB,
    CHARLIE,
    always,
    connection,
    contacts_of,
    derive,
    gone,
    land_and_map,
    land_and_resolve,
    minute,
    opened,
    page,
    person,
    record_id,
    sync,
)

MAYBE = person("maybe", name="Alice Adams", loyalty="L9")
FORMULA = person("=1+1", name="=HYPERLINK(1)", email="formula@example.com")


def assigned(store: Store, band: Band = Band.AUTOMATIC) -> dict[str, str]:
    with store.read() as db:
        return {row["external_id"]: row["contact_id"] for row in assignments(db, band, load())}


def both(store: Store) -> dict[str, dict[str, str]]:
    with store.read() as db:
        return digest(db)


def test_every_live_person_is_assigned_once_in_order(store: Store) -> None:
    land_and_resolve(store, [CHARLIE, ALICE_AGAIN, ALICE, BOB])
    land_and_resolve(store, [gone(BOB)])
    with store.read() as db:
        found = list(assignments(db, Band.AUTOMATIC, load()))
    assert [row["external_id"] for row in found] == ["alice", "alice-2", "charlie"]
    assert all(tuple(row) == ("connection", "stream", "external_id", "contact_id") for row in found)
    assert assigned(store) == contacts_of(store)


def test_the_likely_band_also_joins_what_waits_for_review(store: Store) -> None:
    land_and_resolve(store, [ALICE, MAYBE, CHARLIE])
    strict, likely = assigned(store), assigned(store, Band.LIKELY)
    assert len(set(strict.values())) == 3
    assert likely["alice"] == likely["maybe"] in strict.values()
    assert likely["charlie"] == strict["charlie"]


def test_golden_contacts_are_rows_with_lists_as_lists(store: Store) -> None:
    land_and_resolve(store, [ALICE, CHARLIE, person("empty")])
    with store.read() as db:
        found = {row["contact_id"]: row for row in golden_contacts(db)}
    home = contacts_of(store)
    assert found[home["alice"]]["name"]["full"] == "Alice Adams"
    assert [one["value"] for one in found[home["alice"]]["emails"]] == ["alice@example.com"]
    assert found[home["empty"]] == {"contact_id": home["empty"]}


def test_values_leave_as_they_are_and_making_cells_safe_is_the_writers_part(store: Store) -> None:
    land_and_resolve(store, [FORMULA])
    assert set(assigned(store)) == {"=1+1"}
    with store.read() as db:
        (row,) = golden_contacts(db)
    assert row["name"]["full"].startswith("=")


def test_two_databases_that_heard_the_same_have_one_digest(store: Store, tmp_path: Any) -> None:
    """Row numbers differ: the other one landed people who were gone before."""
    with opened(f"sqlite:///{tmp_path}/other.db") as other:
        land_and_map(other, [ALICE, ALICE_AGAIN, BOB], now=minute(1))
        land_and_map(store, [BOB], now=minute(1))
        land_and_map(store, [ALICE, ALICE_AGAIN], now=minute(1))
        derive(store)
        derive(other)
        numbers = [{one: record_id(each, one) for one in ("alice", "bob")} for each in (store, other)]
        assert numbers[0] != numbers[1]
        assert both(store) == both(other)


@pytest.mark.parametrize("change", ["record", "decision", "reject"])
def test_a_digest_changes_with_any_fact(store: Store, change: str) -> None:
    land_and_resolve(store, [ALICE, ALICE_AGAIN])
    before = both(store)
    if change == "record":
        land_and_resolve(store, [person("alice", name="Alice Adams", email="alice@example.com", job="director")])
    elif change == "decision":
        store.write(lambda db: split(db, [record_id(store, "alice")], "steward", ""))
        derive(store)
    else:
        sync(store, connection(always(page([], rejects=[Reject("?", "no id")]))))
        derive(store)
    assert both(store)["facts"] != before["facts"]
    assert (both(store)["derived"] != before["derived"]) == (change != "reject")


def test_seeing_and_reading_again_changes_no_digest(store: Store) -> None:
    land_and_resolve(store, [ALICE, ALICE_AGAIN])
    before = both(store)
    land_and_resolve(store, [ALICE, ALICE_AGAIN])
    assert both(store) == before


def test_an_undone_decision_stays_a_fact_and_leaves_no_trace_in_what_is_derived(store: Store) -> None:
    land_and_resolve(store, [ALICE, ALICE_AGAIN])
    before = both(store)
    number = store.write(lambda db: split(db, [record_id(store, "alice")], "steward", ""))
    derive(store)
    store.write(lambda db: undo(db, number, "steward"))
    derive(store)
    assert both(store)["derived"] == before["derived"]
    assert both(store)["facts"]["decision"] != before["facts"]["decision"]


def test_totals(store: Store) -> None:
    land_and_resolve(store, [ALICE, MAYBE, CHARLIE])
    land_and_resolve(store, [gone(CHARLIE)])
    with store.read() as db:
        assert (contacts_total(db), records_total(db), review_open(db)) == (2, 2, 1)


def test_what_is_held_back_is_told_by_reason_most_frequent_first(store: Store) -> None:
    poison = Record("poison", [])  # type: ignore[arg-type]
    rejects = [Reject("1", "no id", "b.csv:1"), Reject("2", "no id", "a.csv:1")]
    sync(store, connection(always(page([poison], rejects=rejects))))
    with store.read() as db:
        found = quarantined(db)
    assert [(one["reason"], one["records"]) for one in found] == [("no id", 2), ("the record is not an object", 1)]
    assert found[0]["location"] == "a.csv:1"
