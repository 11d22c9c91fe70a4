"""The steps of the resolver: which values are popular, which records are one node, what is judged."""

from __future__ import annotations

import numpy as np
import pytest

from dedupe.engine.coding import Hashes
from dedupe.engine.pairs import Pairs
from dedupe.engine.population import hashes_from
from dedupe.engine.record import Features
from dedupe.engine.resolving import Decided, popular_in, resolve, usable
from tests.dedupe.cast import HOME, MAIL, STANDARD, all_keys, people_of, record, says, shared_keys
from tests.dedupe.engine.crowds import strangers, word

HOUSE = "12 High Street, Perth, 6000"
NONE_POPULAR = hashes_from([])
GUEST = says("Harriet Reid", email="harriet@example.com")
CAP, WEAK_CAP = STANDARD.strong_cap, STANDARD.weak_cap


def popular(*said: Features) -> set[int]:
    return set(popular_in(people_of(*said).ready, STANDARD).tolist())


def is_popular(value: Features, *said: Features) -> bool:
    """Whether the only identifier that `value` says is popular among records."""
    (key,) = shared_keys(value).tolist()
    return key in popular(*said)


def nodes(*said: Features, popular: Hashes = NONE_POPULAR, cannot: tuple[int, int] | None = None) -> list[list[int]]:
    """The rows of each node."""
    decided = Decided()
    if cannot:
        left, right = (np.array([row], np.int64) for row in cannot)
        decided = Decided(cannot=Pairs(left, right))
    of = resolve(people_of(*said).ready, popular, STANDARD, decided).nodes.of.tolist()
    return [[row for row, node in enumerate(of) if node == one] for one in sorted(set(of))]


class TestPopular:
    phone = says(phone=HOME)

    def test_as_many_people_as_the_cap_may_share_a_phone_and_one_more_makes_it_popular(self) -> None:
        crowd = [entry.features for entry in strangers(CAP + 1)]
        assert not is_popular(self.phone, *crowd[:-1])
        assert is_popular(self.phone, *crowd)

    def test_a_loyal_shopper_counts_as_one_however_often_she_orders(self) -> None:
        orders = [says("Harriet Reid", phone=HOME, card=f"order={number}") for number in range(200)]
        assert not is_popular(self.phone, *orders)

    def test_father_and_son_count_as_two(self) -> None:
        years = [says("Ian Reid", phone=HOME, born=f"{1950 + number}-04-02") for number in range(CAP + 1)]
        assert is_popular(self.phone, *years)

    def test_guests_who_say_the_same_count_as_one_and_others_as_many_as_they_say_things(self) -> None:
        assert not is_popular(self.phone, *[self.phone] * 200)
        guests = [says(phone=HOME, email=f"{word(number)}@example.com") for number in range(WEAK_CAP + 1)]
        assert not is_popular(self.phone, *guests[:-1])
        assert is_popular(self.phone, *guests)

    def test_a_resemblance_may_be_shared_by_more_than_an_identifier(self) -> None:
        crowd = [says("John Smith", email=f"{word(number)}@example.com") for number in range(WEAK_CAP + 1)]
        assert popular(*crowd[:-1]) == set()
        assert len(popular(*crowd)) == 3, "the name, and both ways in which a mailbox would spell it"


@pytest.mark.fault("D07")
def test_a_popular_value_says_nothing_and_finds_nobody() -> None:
    alice = people_of(says("Alice Reid", email=[MAIL, "alice@example.com"], phone=HOME, card=["L0", "L1"])).ready
    crowded = shared_keys(says(email=MAIL, card="L0"))
    table, keys = usable(alice, crowded)
    said = people_of(says("Alice Reid", email="alice@example.com", phone=HOME, card="L1")).ready
    strong = keys.hashes[keys.strong]
    assert sorted(strong.tolist()) == sorted(said.keys.hashes[said.keys.strong].tolist())
    for sets, expected in (
        (table.mails.sets, "alice@example.com"),
        (table.phones, HOME),
        (table.identifiers, "loyalty=L1"),
    ):
        assert [sets.values[item] for item in sets.items.tolist()] == [expected]


def test_what_is_not_popular_stays_as_it_is() -> None:
    alice = people_of(says("Alice Reid", email=MAIL)).ready
    assert usable(alice, NONE_POPULAR) == (alice.table, alice.keys)


class TestNodes:
    def test_records_that_say_the_same_are_one(self) -> None:
        assert nodes(GUEST, GUEST, GUEST) == [[0, 1, 2]]

    def test_one_name_and_one_identifier_are_one_person_whatever_else_is_said(self) -> None:
        assert nodes(GUEST, says("Harriet Reid", email="harriet@example.com", phone=HOME), says(phone=HOME)) == [
            [0, 1],
            [2],
        ]

    def test_father_and_son_and_a_couple_are_two(self) -> None:
        assert nodes(says("Ian Reid", phone=HOME, born="1958-04-02"), says("Ian Reid", phone=HOME)) == [[0], [1]]
        assert nodes(says("Alice Reid", phone=HOME), says("Bob Reid", phone=HOME)) == [[0], [1]]

    @pytest.mark.fault("D07")
    def test_equal_names_are_no_reason_when_there_is_no_usable_key(self) -> None:
        assert nodes(says("Ian Reid"), says("Ian Reid")) == [[0], [1]]
        everything = all_keys([record("guest", GUEST)])
        assert nodes(GUEST, GUEST, popular=everything) == [[0], [1]]

    def test_a_popular_value_makes_nobody_one(self) -> None:
        one, other = says("Ian Reid", phone=HOME, card="L1"), says("Ian Reid", phone=HOME, card="L2")
        assert nodes(one, other) == [[0, 1]]
        assert nodes(one, other, popular=shared_keys(says(phone=HOME))) == [[0], [1]]

    def test_saying_the_same_is_not_enough_where_it_says_too_little(self) -> None:
        desk = says(email="info@example.com")
        assert nodes(desk, desk) == [[0], [1]]
        assert nodes(
            says("Ian Reid", email="info@example.com"), says("Ian Reid", email="info@example.com", phone=HOME)
        ) == [
            [0],
            [1],
        ]

    def test_two_who_would_be_one_but_are_said_to_be_two_stand_alone(self) -> None:
        assert nodes(GUEST, GUEST, GUEST, GUEST, cannot=(0, 2)) == [[0], [1, 3], [2]]

    def test_what_is_said_of_a_stranger_takes_nobody_out_of_a_node(self) -> None:
        assert nodes(GUEST, GUEST, says("Bruce Lee"), cannot=(0, 2)) == [[0, 1], [2]]


def test_a_label_is_the_first_record_of_the_cluster() -> None:
    said = [says("Bob Lee", email="bob@example.com"), GUEST, says("Bob Lee", card="L1"), GUEST]
    found = resolve(people_of(*said).ready, NONE_POPULAR, STANDARD)
    assert found.labels.tolist() == [0, 1, 2, 1]


def test_nobody_at_all_is_resolved() -> None:
    found = resolve(people_of().ready, NONE_POPULAR, STANDARD)
    assert found.labels.tolist() == []
    assert len(found.judged.pairs) == 0


def test_two_who_a_person_joined_or_parted_are_judged_though_they_share_nothing() -> None:
    said = (says("Alice Reid"), says("Bob Lee"), says("Amara Okafor"))
    must, cannot = Pairs(np.array([0]), np.array([1])), Pairs(np.array([1]), np.array([2]))
    decided = Decided(must, cannot)
    found = resolve(people_of(*said).ready, NONE_POPULAR, STANDARD, decided)
    assert found.judged.pairs.codes(3).tolist() == [1, 5]
    assert found.judged.hard.tolist() == [False, True]


def test_a_house_is_no_reason_to_be_one() -> None:
    assert nodes(says("Alice Reid", lives=HOUSE), says("Alice Reid", lives=HOUSE, phone=HOME)) == [[0], [1]]
