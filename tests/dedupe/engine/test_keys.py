"""What two records must share to be compared at all, and when too many share it."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedupe.engine import keys as module
from dedupe.engine.coding import code_sets
from dedupe.engine.keys import Keys, is_in, popular_of, without
from dedupe.engine.record import Features
from dedupe.engine.runs import runs_of
from tests.dedupe.cast import HOME, MAIL, people_of, says, shared_keys, unhurried

OFFICE = "+61480555012"
HOUSE = "12 High Street, Perth, 6000"


def keys_of(features: Features) -> Keys:
    return people_of(features).ready.keys


def common(left: Features, right: Features) -> set[int]:
    return set(keys_of(left).hashes.tolist()) & set(keys_of(right).hashes.tolist())


class TestStrongKeys:
    def test_every_identifier_is_one(self) -> None:
        alice = says("Alice Reid", email=["a@example.com", "b@example.com"], phone=HOME, card="L1", born="1980-01-02")
        keys = keys_of(alice)
        assert sorted(keys.hashes[keys.strong].tolist()) == shared_keys(alice).tolist()
        assert keys.strong.sum() == 4

    def test_a_name_and_a_birthday_are_none(self) -> None:
        assert not keys_of(says("Alice Reid", born="1980-01-02", lives=HOUSE)).strong.any()

    def test_the_address_of_a_desk_finds_people_and_is_nobodys_own(self) -> None:
        keys = keys_of(says(email=["info@example.com", MAIL]))
        assert keys.strong.sum() == 2
        assert keys.hashes[keys.own].tolist() == shared_keys(says(email=MAIL)).tolist()

    def test_the_same_text_is_another_key_in_another_kind_or_type(self) -> None:
        found = [shared_keys(one) for one in (says(email="4711"), says(phone="4711"), says(card="4711"))]
        assert len(set(np.concatenate([*found, shared_keys(says(card="vip=4711"))]).tolist())) == 4

    def test_two_ways_to_write_one_mailbox_are_one_key(self) -> None:
        one, other = says(email="alice.reid+shop@gmail.com"), says(email="alicereid@gmail.com")
        assert shared_keys(one).tolist() == shared_keys(other).tolist()


@pytest.mark.parametrize(
    ("left", "right"),
    [
        pytest.param(says(email="alice.reid@example.com"), says(email="alicereid@example.net"), id="a local part"),
        pytest.param(says(email="reid.alice7@example.com"), says("Alice Reid"), id="a name in a mailbox"),
        pytest.param(says("Alice Reid"), says("Alice Reid"), id="a whole name"),
        pytest.param(says("Alice Wetherby"), says("Wetherby Alice"), id="a whole name the other way round"),
        pytest.param(says("Alice Reid", lives=HOUSE), says("Bob Reid", lives=HOUSE), id="a house and a surname"),
        pytest.param(says("Alice Reid", lives=HOUSE), says("A Wetherby", lives=HOUSE), id="a house and an initial"),
        pytest.param(
            says("Alice Reid", lives="1 Low Road, Perth, 6000"),
            says("Bob Reid", lives="9 Hill Road, Perth, 6001"),
            id="a surname in a city",
        ),
        pytest.param(
            says("Alice Reid", lives="1 Low Road, Perth, 6000"),
            says("Alice Wetherby", lives="9 Hill Road, Perth, 6001"),
            id="a first name in a city",
        ),
        pytest.param(says("Alice Reid", born="1980-01-02"), says("Bob Lee", born="1980-01-02"), id="a birthday"),
    ],
)
def test_records_that_resemble_each_other_meet_although_they_share_no_identifier(
    left: Features, right: Features
) -> None:
    assert common(left, right)
    assert not set(shared_keys(left).tolist()) & set(shared_keys(right).tolist())


@pytest.mark.parametrize(
    ("left", "right"),
    [
        pytest.param(says("Alice Reid"), says("Bob Reid"), id="a surname alone"),
        pytest.param(says("A Reid"), says("Alice Reid"), id="an initial and a surname"),
        pytest.param(says("Alice"), says("Alice"), id="a first name alone"),
        pytest.param(says(lives=HOUSE), says(lives=HOUSE), id="a house alone"),
        pytest.param(says("Alice Reid", email=MAIL), says("Bob Lee", email="bob@example.com"), id="nothing at all"),
        pytest.param(says(company="Acme Ltd"), says(company="Acme Ltd"), id="a company"),
        pytest.param(says(email="info@example.com"), says(email="info@example.net"), id="the name of a desk"),
        pytest.param(says(phone=HOME), says(phone=OFFICE), id="two phones"),
        pytest.param(says(), says(), id="silence"),
    ],
)
def test_records_that_share_too_little_never_meet(left: Features, right: Features) -> None:
    assert not common(left, right)


@unhurried
@given(st.permutations([says("Alice Reid", email=MAIL, lives=HOUSE), says("Bob", phone=HOME), says(card="L1")]))
def test_a_record_has_the_same_keys_in_any_company(everyone: list[Features]) -> None:
    keys = people_of(*everyone).ready.keys
    for row, features in enumerate(everyone):
        assert sorted(keys.hashes[keys.rows == row].tolist()) == sorted(keys_of(features).hashes.tolist())


class TestPopular:
    @unhurried
    @given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 9)), max_size=40))
    def test_a_key_is_popular_when_too_many_different_holders_have_it(self, held: list[tuple[int, int]]) -> None:
        """Odd holders have a name, even ones none."""
        holders: dict[int, set[int]] = defaultdict(set)
        for key, holder in held:
            holders[key].add(holder)
        expected = [
            key
            for key, those in sorted(holders.items())
            if sum(one % 2 for one in those) > 2 or sum(1 - one % 2 for one in those) > 3
        ]
        hashes = np.array([key for key, _ in held], np.uint64)
        told = np.array([holder for _, holder in held], np.uint64)
        found = popular_of(runs_of(hashes), told.__getitem__, strong_cap=2, weak_cap=3)
        assert found.tolist() == expected

    def test_a_value_whose_key_is_popular_is_no_longer_said(self) -> None:
        sets, keys = code_sets(["a\x1eb", "b", "c"]), np.array([7, 8, 9], np.uint64)
        left = without(sets, keys, np.array([8], np.uint64))
        assert [left.values[item] for item in left.items.tolist()] == ["a", "c"]
        assert left.counts.tolist() == [1, 0, 1]

    @unhurried
    @given(st.lists(st.integers(0, 9)), st.frozensets(st.integers(0, 9)))
    def test_being_among_some_is_what_it_says(self, hashes: list[int], some: frozenset[int]) -> None:
        for few in (0, 1_000):
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(module, "FEW", few)
                patch.setattr(module, "AT_ONCE", 4)
                found = is_in(np.array(hashes, np.uint64), np.array(sorted(some), np.uint64))
            assert found.tolist() == [one in some for one in hashes]
