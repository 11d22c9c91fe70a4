"""The mistakes, one by one: what they do to a value, and what they leave alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import DamerauLevenshtein

from benchmarks.people import mistakes
from benchmarks.people.mistakes import DRAWS

draws = st.integers(0, DRAWS - 1)


@given(st.text("abcdefgh", min_size=3, max_size=12), draws)
def test_a_typo_is_one_slip_of_the_fingers(word: str, draw: int) -> None:
    assert DamerauLevenshtein.distance(word, mistakes.typo(word, draw)) <= 1


@pytest.mark.parametrize("word", ["", "A", "Li"])
def test_short_words_are_not_mistyped(word: str) -> None:
    assert {mistakes.typo(word, draw) for draw in range(50)} == {word}


def test_nicknames_are_of_the_name() -> None:
    assert {mistakes.nickname("William", draw) for draw in range(20)} == {"Will", "Bill", "Billy"}
    assert mistakes.nickname("Xiuying", 3) == "Xiuying"


def test_accents_are_dropped_or_written_out() -> None:
    assert {mistakes.without_accents("Jürgen Weiß", draw) for draw in range(9)} == {"Jurgen Weiss", "Juergen Weiss"}


def test_gmail_is_mistyped_inside_its_name() -> None:
    found = {mistakes.email_domain_typo("alice@gmail.test", draw) for draw in range(40)}
    assert "alice@gmial.test" in found
    assert all(email.startswith("alice@g") and email.endswith(".test") for email in found)


@given(draws)
def test_a_mistyped_real_domain_is_nobodys(draw: int) -> None:
    assert mistakes.email_domain_typo("alice@example.com", draw).endswith(".test")


@given(draws)
def test_a_phone_typo_changes_one_digit_and_not_the_country(draw: int) -> None:
    wrong = mistakes.phone_typo("+61491570156", draw)
    assert wrong.startswith("+61491")
    assert sum(a != b for a, b in zip("+61491570156", wrong, strict=True)) == 1


@pytest.mark.parametrize(("birth", "swapped"), [("1980-02-11", "1980-11-02"), ("1980-02-13", "1980-02-13")])
def test_day_and_month_change_places_where_that_is_a_date(birth: str, swapped: str) -> None:
    assert mistakes.birth_swapped(birth, 0) == swapped


@given(st.dates(), draws)
def test_a_mistyped_birthday_is_another_date(birth: object, draw: int) -> None:
    text = str(birth)
    assert mistakes.birth_typo(text, draw) != text


def test_a_unit_is_written_in_many_ways() -> None:
    found = {mistakes.unit_format("Unit 4, 12 High Street", draw) for draw in range(5)}
    assert found == {
        "4/12 High Street",
        "U4/12 High Street",
        "Apt 4, 12 High Street",
        "12 High Street #4",
        "12 High Street",
    }
    assert mistakes.unit_format("12 High Street", 1) == "12 High Street"


def test_a_street_is_shortened() -> None:
    assert mistakes.street_short("12 High Street", 1) == "12 High St"
    assert mistakes.street_short("12 High Way", 1) == "12 High Way"
