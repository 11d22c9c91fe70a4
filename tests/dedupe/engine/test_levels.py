"""The levels of agreement between two records, one comparison at a time."""

from __future__ import annotations

from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedupe.engine.coding import BETWEEN
from dedupe.engine.levels import COMPARISONS, levels_of
from dedupe.engine.pairs import NONE, Pairs
from dedupe.engine.record import Features, columns_of
from dedupe.engine.table import table_of
from dedupe.names.compare import JOINT_LEVELS
from tests.dedupe.cast import HOME, MAIL, says, unhurried
from tests.dedupe.engine.worlds import people

OFFICE = "+61480555012"


def levels(left: Features, right: Features) -> dict[str, str]:
    """The level of each comparison that says anything; the same from both sides."""
    found = levels_of(table_of(columns_of([left, right])), Pairs(np.array([0]), np.array([1])))[0].tolist()
    back = levels_of(table_of(columns_of([right, left])), Pairs(np.array([0]), np.array([1])))[0].tolist()
    assert found == back
    named = zip(COMPARISONS.items(), found, strict=True)
    return {name: known[level] for (name, known), level in named if level}


@pytest.mark.parametrize(
    ("left", "right", "level"),
    [
        ("Zebediah Quillfeather", "Zebediah Quillfeather", "same, rare"),
        ("Harriet Reid", "Harriet Reid", "same"),
        ("John Smith", "John Smith", "same, common"),
        ("Kate Reid", "Katherine Reid", "nickname"),
        ("K Reid", "Katherine Reid", "initial"),
        ("Alice Bracegirdle", "Alice Bracegridle", "similar"),
        ("Alice Wetherby", "Wetherby Alice", "swapped"),
        ("Alice Smith", "Alice Smith-Jones", "part"),
        ("Alice Reid", "Bob Reid", "other first, same last"),
        ("Alice Reid", "Alice Wetherby", "same first, other last"),
        ("Alice Reid", "Bob Wetherby", "other"),
        ("Alice", "Alice Reid", "first only"),
        ("Ian Reid jr", "Ian Reid sr", "other suffix"),
        ("Ian Reid jr", "Ian Reid", "suffix"),
        ("Acme Pty Ltd", "ACME PTY. LTD.", "organisation same"),
        ("Thsitelwood Jonathan", "Jonatan Thistlewoood", "near"),
    ],
)
def test_names_are_compared_as_a_whole(left: str, right: str, level: str) -> None:
    assert levels(says(left), says(right)) == {"name": level}


def test_every_level_that_names_can_have_is_a_level_of_the_comparison() -> None:
    assert set(JOINT_LEVELS) <= set(COMPARISONS["name"])


@pytest.mark.parametrize(
    ("left", "right", "level"),
    [
        (MAIL, MAIL, "same"),
        ("a.reid@gmail.com", "areid+shop@gmail.com", "same box"),
        ("info@example.com", "info@example.com", "same role"),
        ("alice.reid7@example.com", "alicereid7@example.net", "same local"),
        ("alicereid@example.com", "alicereid@example.net", "same local, plain"),
        ("bracegirdle@example.com", "bracegridle@example.com", "typo"),
        ("anna1@example.com", "anna2@example.com", "near"),
        ("alice@example.com", "bob@example.com", "different"),
    ],
)
def test_addresses_agree_as_mailboxes(left: str, right: str, level: str) -> None:
    assert levels(says(email=left), says(email=right)) == {"email": level}


@pytest.mark.parametrize(
    ("left", "right", "level"),
    [
        (HOME, HOME, "same"),
        (f"{HOME};ext=12", f"{HOME};ext=13", "extension"),
        ("+61480555012", "+61480555013", "typo"),
        ("+61480555012", "+61480550512", "typo"),
        (HOME, OFFICE, "different"),
    ],
)
def test_phones_agree_but_for_a_slip(left: str, right: str, level: str) -> None:
    assert levels(says(phone=left), says(phone=right)) == {"phone": level}


@pytest.mark.parametrize(
    ("left", "right", "level"),
    [
        ("1989-09-17", "1989-09-17", "same"),
        ("1989-09-17", "1989-09-11", "close"),
        ("1989-03-04", "1989-04-03", "close"),
        ("1989-09-17", "1998-09-17", "near"),
        ("1989-09-17", "1989-12-17", "near"),
        ("1989-09-17", "1990-09-16", "alike"),
        ("1958-04-02", "1989-09-17", "different"),
    ],
)
def test_dates_of_birth_are_close_when_a_digit_is_wrong_or_day_and_month_are_swapped(
    left: str, right: str, level: str
) -> None:
    assert levels(says(born=left), says(born=right)) == {"birth": level}


@pytest.mark.parametrize(
    ("left", "right", "level"),
    [
        ("12 High Street, Perth, 6000", "12 High St, Perth, 6000", "same"),
        ("4/12 High Street, Perth, 6000", "5/12 High Street, Perth, 6000", "same but unit"),
        ("12 High Street, Perth, 6000", "12a High Street, Perth, 6000", "similar"),
        ("12 High Street, Perth, 6000", "77 High Street, Perth, 6000", "same street"),
        ("12 High Street, Perth, 6000", "77 Low Road, Perth, 6000", "same postcode"),
        ("12 High Street, Perth, 6000", "77 Low Road, Perth, 6050", "same city"),
        ("12 High Street, Perth, 6000", "77 Low Road, Hobart, 7000", "different"),
    ],
)
def test_addresses_agree_from_the_house_down_to_the_city(left: str, right: str, level: str) -> None:
    assert levels(says(lives=left), says(lives=right)) == {"address": level}


def test_companies_are_the_same_or_not() -> None:
    assert levels(says(company="The Acme Co."), says(company="ACME Pty Ltd")) == {"company": "same"}
    assert levels(says(company="Acme"), says(company="Bolt")) == {"company": "different"}


@pytest.mark.parametrize(
    ("name", "email", "level"),
    [
        ("Zebediah Quillfeather", "zebediah.quillfeather@example.com", "a rare name"),
        ("Harriet Reid", "harriet.reid80@example.com", "the name"),
        ("John Smith", "smith.john@example.com", "a common name"),
    ],
)
def test_a_mailbox_may_spell_the_name_of_the_other_side(name: str, email: str, level: str) -> None:
    assert levels(says(name), says(email=email)) == {"spelling": level}
    assert levels(says(name), says(email="hello@example.com")) == {}


class TestIdentifiers:
    def test_they_contradict_each_other_only_within_one_type(self) -> None:
        loyalty, vip, both = says(card="4711"), says(card="vip=4711"), says(card=["4711", "vip=4711"])
        assert levels(loyalty, says(card="9933")) == {"identifier": "different"}
        assert levels(loyalty, says(card="4712")) == {"identifier": "typo"}
        assert levels(loyalty, vip) == {}
        assert levels(both, vip) == {"identifier": "same"}


def test_what_one_side_does_not_say_is_missing_and_not_different() -> None:
    alice = says(
        "Alice Reid",
        email=MAIL,
        phone=HOME,
        card="L1",
        born="1980-01-02",
        lives="12 High Street, Perth, 6000",
        company="Acme",
    )
    assert levels(alice, says()) == levels(says(), says()) == {}


@pytest.mark.parametrize(("field", "column"), [("email", "emails"), ("phone", "phones"), ("identifier", "identifiers")])
@unhurried
@given(left=people, right=people)
def test_of_several_values_the_two_that_agree_best_count(
    field: str, column: str, left: Features, right: Features
) -> None:
    order = COMPARISONS[field]
    singles = [
        levels(Features(**{column: one}), Features(**{column: other})).get(field, "missing")
        for one, other in product(getattr(left, column).split(BETWEEN), getattr(right, column).split(BETWEEN))
    ]
    told = [order.index(level) for level in singles if level != "missing"]
    assert levels(left, right).get(field, "missing") == order[min(told, default=0)]


@unhurried
@given(st.lists(people, min_size=2, max_size=6))
def test_a_pair_has_the_same_levels_in_any_company(everyone: list[Features]) -> None:
    both = list(combinations(range(len(everyone)), 2))
    pairs = Pairs(np.array([a for a, _ in both]), np.array([b for _, b in both]))
    together = levels_of(table_of(columns_of(everyone)), pairs)
    for at, (a, b) in enumerate(both):
        alone = levels_of(table_of(columns_of([everyone[a], everyone[b]])), Pairs(np.array([0]), np.array([1])))
        assert together[at].tolist() == alone[0].tolist()


def test_no_pairs_have_no_levels() -> None:
    assert levels_of(table_of(columns_of([says("Alice Reid")])), NONE).shape == (0, len(COMPARISONS))
