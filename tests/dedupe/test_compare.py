"""The levels of agreement between two records, one side at a time."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from dedupe.compare import COMPARISONS, births, identifiers, names, one_typo, same_or_different, shown
from dedupe.nicknames import forms_of
from tests.dedupe.cast import says


@pytest.mark.parametrize(
    ("left", "right", "level"),
    [
        ("Alice Reid", "Alice Reid", "same"),
        ("Alice Bracegirdle", "Alice Bracegridle", "same"),
        ("Kate Reid", "Katherine Reid", "similar first, same last"),
        ("K Reid", "Katherine Reid", "similar first, same last"),
        ("Alicia Reid", "Alcia Reid", "similar first, same last"),
        ("Thuy Vo", "Thyu Vo", "similar first, same last"),
        ("Steph Reid", "Stephanie Reid", "similar first, same last"),
        ("Anthnoy Reid", "Tony Reid", "similar first, same last"),
        ("Alice Reid", "Bob Reid", "other first, same last"),
        ("Anjali Reid", "Anjana Reid", "other first, same last"),
        ("Alice Reid", "Alice Wetherby", "same first, other last"),
        ("Kate Reid", "Katherine Wetherby", "other"),
        ("Alice Reid", "Bob Wetherby", "other"),
        ("Alice", "Alice Reid", "same first only"),
        ("Al", "Bob Reid", "other"),
        (". Reid", "Alice Reid", "same last only"),
        (". Wetherby", "Alice Reid", "other"),
        (". Reid", "Alice", "missing"),
        ("", "Alice Reid", "missing"),
        ("Ian Reid jr", "Ian Reid sr", "other suffix"),
        ("Ian Reid jr", "Ian Reid jr", "same"),
        ("Ian Reid jr", "Ian Reid", "one suffix"),
        ("Ian Reid phd", "Ian Reid", "same"),
        ("Bob Reid jr", "Ian Reid", "other first, same last"),
    ],
)
def test_names_are_compared_as_a_whole(left: str, right: str, level: str) -> None:
    assert names(says(left), says(right)) == names(says(right), says(left)) == level


@pytest.mark.parametrize(
    ("husband", "wife"),
    [
        ("Robert", "Roberta"),
        ("Paul", "Paula"),
        ("Andrew", "Andrea"),
        ("Mario", "Maria"),
        ("Daniel", "Danielle"),
        ("Joseph", "Josephine"),
        ("Henri", "Henrietta"),
        ("Alexander", "Alexandra"),
        ("Christopher", "Christine"),
        ("Patrick", "Patricia"),
    ],
)
def test_a_couple_whose_names_only_end_differently_is_two_people(husband: str, wife: str) -> None:
    assert names(says(f"{husband} Reid"), says(f"{wife} Reid")) == "other first, same last"


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ("thistlewood", "thistlewood", True),
        ("thistlewood", "thistlewod", True),
        ("thistlewood", "thisstlewood", True),
        ("thistlewood", "thistlewoad", True),
        ("thistlewood", "thsitlewood", True),
        ("thistlewood", "histlewood", True),
        ("thistlewood", "htistlewood", True),
        ("thistlewood", "thistlewoodx", True),
        ("thistlewood", "thistlewodo", True),
        ("thistlewood", "thsitlewodo", False),
        ("thistlewood", "thistlew", False),
        ("thistlewood", "thosdlewood", False),
        ("thistlewood", "thxxtlewood", False),
        ("reids", "reid", False),
        ("reid", "reed", False),
        ("reid", "ried", True),
        ("ian", "ina", False),
        ("", "", False),
    ],
)
def test_one_typo_is_one_slip_of_the_finger_in_a_word_long_enough(left: str, right: str, expected: bool) -> None:
    assert one_typo(left, right) is one_typo(right, left) is expected


class TestNicknames:
    def test_forms_of_one_name_know_each_other(self) -> None:
        assert "kate" in forms_of("katherine")
        assert "katherine" in forms_of("kate")
        assert "bob" in forms_of("robert")

    def test_a_short_form_of_two_names_does_not_make_them_one(self) -> None:
        assert {"patricia", "patrick"} <= forms_of("pat")
        assert "patrick" not in forms_of("patricia")

    def test_a_name_of_no_class_has_no_other_forms(self) -> None:
        assert forms_of("thuy") == frozenset()


@pytest.mark.parametrize(
    ("left", "right", "level"),
    [
        ("1989-09-17", "1989-09-17", "same"),
        ("1989-09-17", "1989-09-11", "close"),
        ("1989-03-04", "1989-04-03", "close"),
        ("1989-09-17", "1998-09-17", "different"),
        ("1958-04-02", "1989-09-17", "different"),
    ],
)
def test_dates_of_birth_are_close_when_a_digit_is_wrong_or_day_and_month_are_swapped(
    left: str, right: str, level: str
) -> None:
    one, other = date.fromisoformat(left), date.fromisoformat(right)
    assert births(one, other) == births(other, one) == level


def test_what_one_side_does_not_say_is_missing_and_not_different() -> None:
    alice = says("Alice Reid", email="a@x.example", phone="+61400000001", card="L1", born="1980-01-02")
    assert {compare(alice, says()) for _, compare in COMPARISONS} == {"missing"}


def test_sets_agree_when_they_share_one_value() -> None:
    assert same_or_different({"a", "b"}, {"b", "c"}) == "same"
    assert same_or_different({"a"}, {"c"}) == "different"
    assert same_or_different({"a"}, set()) == "missing"


def test_identifiers_contradict_each_other_only_within_one_type() -> None:
    loyalty, vip = says(card="4711"), replace(says(), identifiers=frozenset({("vip", "4711")}))
    both = replace(says(), identifiers=loyalty.identifiers | vip.identifiers)
    assert identifiers(loyalty, says(card="4712")) == "different"
    assert identifiers(loyalty, vip) == "missing"
    assert identifiers(both, vip) == "same"


def test_an_explanation_shows_what_was_compared() -> None:
    alice = says("Alice Reid jr", email=["b@x.example", "a@x.example"], phone="+614", card="L1", born="1980-01-02")
    assert {field: shown(alice, field) for field, _ in COMPARISONS} == {
        "email": "a@x.example, b@x.example",
        "phone": "+614",
        "identifier": "loyalty L1",
        "name": "alice reid jr",
        "birth": "1980-01-02",
    }
    assert {shown(says(), field) for field, _ in COMPARISONS} == {""}
