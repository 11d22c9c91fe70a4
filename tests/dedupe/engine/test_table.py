"""Records as a table: what counts as one signature, and what a group of records says together."""

from __future__ import annotations

import numpy as np
import pytest

from dedupe.engine.coding import WITHIN
from dedupe.engine.record import Features, columns_of
from dedupe.engine.table import Table, table_of
from tests.dedupe.cast import HOME, MAIL, says


def table(*said: Features) -> Table:
    return table_of(columns_of(said))


def signature(features: Features) -> int:
    found: int = table(features).signatures.item()
    return found


class TestSignature:
    def test_equal_name_and_birthday_count_as_one_whatever_else_they_say(self) -> None:
        shop = says("Ian Reid", email=MAIL, born="1958-04-02")
        desk = says("IAN REID", phone=HOME, born="1958-04-02")
        assert signature(shop) == signature(desk) != 0

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            pytest.param(says("Ian Reid", born="1958-04-02"), says("Ian Reid", born="1989-09-17"), id="father and son"),
            pytest.param(says("Ian Reid"), says("Ian Reid jr"), id="a suffix"),
            pytest.param(says("An Nabel"), says("Ann Abel"), id="parts that would run together"),
        ],
    )
    def test_two_people_count_as_two(self, one: Features, other: Features) -> None:
        assert signature(one) != signature(other)


def test_a_whole_name_has_more_than_an_initial_and_a_surname() -> None:
    names = table(says("Ian Reid"), says("I Reid"), says("Ian"), says("")).names
    assert names.is_whole.tolist() == [True, False, False, False]


def test_a_common_name_is_known_without_counting_anybody() -> None:
    rare, between, common = table(says("Zebediah Quillfeather"), says("Harriet Reid"), says("John Smith")).names.rarity
    assert rare < between < common


def test_a_group_has_the_name_of_its_first_record_and_the_values_of_all() -> None:
    three = table(
        says("Ian Reid", email="ian@example.com", card="L1"),
        says("Bob Lee", phone=HOME),
        says("Ian Reid", email=[MAIL, "ian@example.com"], lives="12 High Street, Perth, 6000", company="Acme"),
    )
    two = three.taken(np.array([0, 1]), np.array([0, 1, 0]))
    assert two.size == 2
    assert [two.names.whole.values[number].split(WITHIN)[2] for number in two.names.whole.ids.tolist()] == [
        "reid",
        "lee",
    ]
    assert two.mails.sets.counts.tolist() == [2, 0]
    assert two.phones.counts.tolist() == [0, 1]
    assert two.identifiers.counts.tolist() == two.places.sets.counts.tolist() == two.companies.counts.tolist() == [1, 0]
    assert two.signatures.tolist() == three.signatures[:2].tolist()
