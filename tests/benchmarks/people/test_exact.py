"""The two exact rules, on a cast and against the slow way to do the same."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.people import guarded, unguarded
from benchmarks.people.exact import POPULAR
from benchmarks.people.mailboxes import plain
from benchmarks.people.table import Whole
from tests.benchmarks.people.made import by_hand

Row = dict[str, str]
ALICE = {"first": "Alice", "last": "Árdén", "email": "alice@example.com", "phone": "+61491570156"}


def joined(labels: Whole) -> bool:
    return bool(labels[0] == labels[-1])


@pytest.mark.parametrize(
    "other",
    [
        {"first": "Alice", "last": "ARDEN", "email": "alice@example.com"},
        {"first": "A.", "last": "Arden", "phone": "+61491570156"},
        {"email": "alice@example.com"},
    ],
    ids=["another case and no accents", "an initial", "no name"],
)
def test_alice_is_found_by_either_value(other: Row) -> None:
    assert joined(guarded(by_hand([ALICE, other])))


@pytest.mark.parametrize("name", [{"first": "Bob"}, {"first": "Alice", "last": "Young"}])
def test_bob_who_shares_her_phone_is_not_alice_unless_nobody_looks(name: Row) -> None:
    people = by_hand([ALICE, {**name, "phone": "+61491570156"}])
    assert not joined(guarded(people))
    assert joined(unguarded(people))


def test_an_email_is_never_a_phone() -> None:
    people = by_hand([{"email": "same"}, {"phone": "same"}])
    assert not joined(guarded(people))
    assert not joined(unguarded(people))


def test_a_chain_of_pairs_is_one_cluster() -> None:
    middle = {"first": "Alice", "email": "alice@example.net", "phone": "+61491570156"}
    assert joined(guarded(by_hand([ALICE, middle, {"email": "alice@example.net"}])))


@pytest.mark.parametrize(("strangers", "counts"), [(POPULAR - 1, True), (POPULAR, False)])
def test_a_value_that_many_names_hold_says_nothing(strangers: int, counts: bool) -> None:
    crowd = [{"first": f"B{letter}", "last": letter, "phone": "+61491570156"} for letter in "bcdefghijklm"[:strangers]]
    again = {"first": "Alice", "last": "Arden", "phone": "+61491570156"}
    assert joined(guarded(by_hand([ALICE, *crowd, again]))) is counts


def test_a_loyal_guest_is_no_crowd() -> None:
    assert len(set(guarded(by_hand([ALICE] * 30)).tolist())) == 1


def test_records_that_hold_nothing_stay_alone() -> None:
    assert len(set(guarded(by_hand([{"first": "Alice"}] * 3)).tolist())) == 3


rows = st.lists(
    st.fixed_dictionaries(
        {
            "first": st.sampled_from(["", "Alice", "Anna", "Bob", "ben"]),
            "last": st.sampled_from(["", "Arden", "Ärden", "Young", "Zed", "Lee"]),
            "email": st.sampled_from(["", "", "a@example.com", "b@example.com"]),
            "phone": st.sampled_from(["", "", "+61491570156", "+61491570157"]),
        }
    ),
    min_size=1,
    max_size=40,
)


@given(rows)
def test_both_rules_do_what_comparing_every_pair_does(found: list[Row]) -> None:
    people = by_hand(found)
    assert partition(guarded(people)) == partition(slowly(found, is_guarded=True))
    assert partition(unguarded(people)) == partition(slowly(found, is_guarded=False))


def partition(labels: Whole) -> list[list[int]]:
    return sorted(np.flatnonzero(labels == label).tolist() for label in np.unique(labels))


def slowly(found: list[Row], *, is_guarded: bool) -> Whole:
    labels = np.arange(len(found))
    for (i, one), (j, other) in combinations(enumerate(found), 2):
        if shares(one, other, found, is_guarded) and not (is_guarded and disagree(one, other)):
            labels[labels == labels[j]] = labels[i]
    return labels


def shares(one: Row, other: Row, found: list[Row], is_guarded: bool) -> bool:
    same = [(field, one[field]) for field in ("email", "phone") if one[field] and one[field] == other[field]]
    return any(not is_guarded or names(found, *value) <= POPULAR for value in same)


def names(found: list[Row], field: str, value: str) -> int:
    return len({(plain(row["first"]), plain(row["last"])) for row in found if row[field] == value})


def disagree(one: Row, other: Row) -> bool:
    pairs = ((plain(one["last"]), plain(other["last"])), (plain(one["first"])[:1], plain(other["first"])[:1]))
    return any(a and b and a != b for a, b in pairs)
