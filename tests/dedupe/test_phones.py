"""How well two telephone numbers agree, and which numbers are nobody's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedupe.phones import is_placeholder, national, phone_level
from tests.dedupe.cast import unhurried

ALICE = "+61491570156"


@pytest.mark.parametrize(
    ("other", "level"),
    [
        ("+61491570156", "same"),
        ("+61491570156;ext=12", "extension"),
        ("+61491570156x12", "extension"),
        ("+61491570156 x12", "extension"),
        ("+61491570157", "typo"),
        ("+61491570165", "typo"),
        ("+61941570156", "typo"),
        ("+61491570516", "typo"),
        ("+61491570651", "different"),
        ("+6149157015", "different"),
        ("+614915701566", "different"),
        ("+12025550156", "different"),
    ],
)
def test_alices_number_and_another(other: str, level: str) -> None:
    assert (phone_level(ALICE, other), phone_level(other, ALICE)) == (level, level)


def test_one_extension_has_many_ways_to_be_written() -> None:
    assert phone_level(f"{ALICE};ext=12", f"{ALICE}x012") == "same"
    assert phone_level(f"{ALICE};ext=12", f"{ALICE};ext=13") == "extension"


def test_short_numbers_have_no_typos() -> None:
    assert phone_level("+61000", "+61001") == "different"


@pytest.mark.parametrize(
    "phone",
    ["+61400000000", "+15555555555", "+61412345678", "+12021234567", "+61498765432", "+61400000000;ext=1", "0000000"],
)
def test_numbers_typed_by_those_who_give_none(phone: str) -> None:
    assert is_placeholder(phone)


@pytest.mark.parametrize("phone", [ALICE, "+61480555001", "+12025550101", "+61400000001", "+611", ""])
def test_numbers_of_people(phone: str) -> None:
    assert not is_placeholder(phone)


def test_the_last_nine_digits_are_alike_with_and_without_the_country() -> None:
    assert national(ALICE) == national("0491570156") == national(f"{ALICE};ext=5") == "491570156"


@unhurried
@given(st.text(max_size=30), st.text(max_size=30))
def test_any_two_texts_have_a_level_whichever_is_left(left: str, right: str) -> None:
    assert phone_level(left, right) == phone_level(right, left)
    assert phone_level(left, left) == "same"
    assert is_placeholder(left) in (True, False)


@unhurried
@given(st.from_regex(r"\+[1-9][0-9]{8,12}", fullmatch=True), st.integers(2, 8), st.integers(1, 9))
def test_one_wrong_digit_is_always_a_typo(phone: str, place: int, shift: int) -> None:
    wrong = str((int(phone[place]) + shift) % 10)
    assert phone_level(phone, phone[:place] + wrong + phone[place + 1 :]) == "typo"
