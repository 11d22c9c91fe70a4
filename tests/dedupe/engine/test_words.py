"""Every level has plain words, and a reason says what speaks for it, what against, and what follows."""

from __future__ import annotations

import pytest

from dedupe.engine.levels import COMPARISONS
from dedupe.engine.verdicts import Comparison, Judgement, Verdict
from dedupe.engine.weights import load
from dedupe.engine.words import WORDS, Unused, evidence, reason, words

MODEL = load()


def compared(field: str, level: str, left: str = "", right: str = "", weight: int = 0) -> Comparison:
    return Comparison(field, level, left, right, weight)


def judged(
    judgement: Judgement, *comparisons: Comparison, conflict: bool = False, weight: int | None = None
) -> Verdict:
    total = MODEL.prior + sum(one.weight for one in comparisons) if weight is None else weight
    return Verdict(judgement, total, comparisons, conflict)


MAIL = compared("email", "same", "alice@example.com", "alice@example.com", 8800)
NAME = compared("name", "nickname", "bob reid", "robert reid", 6300)
OTHER_NAME = compared("name", "other", "alice reid", "charlie chan", -3700)
PHONE = compared("phone", "same", "+61491570156", "+61491570156", 4600)
BIRTH = compared("birth", "different", "1980-01-31", "1991-05-17", -1900)


def test_every_level_of_every_comparison_has_words_and_no_other() -> None:
    assert {field: set(levels) for field, levels in WORDS.items()} == {
        field: set(levels) for field, levels in COMPARISONS.items()
    }


@pytest.mark.parametrize("field", COMPARISONS)
@pytest.mark.parametrize(
    "sides", [("", ""), ("alice reid", ""), ("alice reid", "alice ann reid jr"), ("a=1, b=2", "{x}")]
)
def test_the_words_are_whole_whatever_the_sides_show(field: str, sides: tuple[str, str]) -> None:
    for level in COMPARISONS[field]:
        told = words(compared(field, level, *sides))
        assert told[:1].islower()
        assert told.count("{") == told.lower().count("{x}"), "a side is shown as it is, never read as a pattern"


@pytest.mark.parametrize(
    ("field", "level", "left", "right", "told"),
    [
        ("name", "nickname", "bob reid", "robert reid", "the first names are Bob and Robert: forms of one name"),
        ("name", "same, rare", "thessaly bracegirdle", "thessaly bracegirdle", "rare surname: fewer than 2 in 40,000"),
        ("name", "same, common", "john smith", "john smith", "the same name, John Smith (very common surname: about"),
        ("name", "same", "jorg muller", "joerg mueller", "the same name, written Jorg Muller and Joerg Mueller ("),
        ("name", "same", "ana silva maria", "ana silva maria", "the same name, Ana Silva Maria"),
        ("name", "other suffix", "john reid iii", "john reid jr", "of two generations: John Reid III and John Reid Jr"),
        ("name", "last only", "reid", "alice reid", "only a family name to compare, which is the same"),
        ("name", "other first, same last", "ana reid", "charlie ried", "the family name is alike"),
        ("name", "partner", "ana silva *", "bob silva", "one first name is that of the other's partner"),
        ("email", "same", "a@example.com, b@example.com", "b@example.com", "the same e-mail address, b@example.com"),
        ("email", "look-alike", "anna@example.com", "\u0430nna@example.com", "\u0430 is a cyrillic small letter a"),
        ("identifier", "different", "loyalty=1", "loyalty=2", "of one kind: loyalty 1 and loyalty 2"),
        ("identifier", "different", "loyalty=1, vip=1", "loyalty=2", "different identifiers of one kind"),
        ("birth", "different", "1980-01-31", "1991-05-17", "born on different days: 1980-01-31 and 1991-05-17"),
        ("address", "same but unit", "12 highstreet 3", "12 highstreet 5", "the same house, other flat"),
        ("spelling", "a rare name", "", "", "spells the name of the other, a rare one"),
    ],
)
def test_words_name_what_the_two_sides_say(field: str, level: str, left: str, right: str, told: str) -> None:
    assert told in words(compared(field, level, left, right))


def test_a_name_of_which_nobody_knows_the_surname_is_not_called_rare_or_common() -> None:
    assert words(compared("name", "same", "ana silva maria", "ana silva maria")) == "the same name, Ana Silva Maria"


def test_many_values_on_a_side_are_not_told_as_if_they_were_one() -> None:
    several = compared("email", "typo", "a@example.com, b@example.com", "c@example.com")
    assert words(several) == "e-mail addresses that differ only by a slip"


def test_a_merge_names_the_weightiest_first() -> None:
    assert reason(judged(Judgement.AUTOMATIC, NAME, MAIL), MODEL) == (
        "For it: the same e-mail address, alice@example.com; the family name is the same, the first names are Bob and"
        " Robert: forms of one name. That is enough: they are merged without asking."
    )


def test_people_of_two_birthdays_are_asked_about_because_of_those() -> None:
    told = reason(judged(Judgement.LIKELY, MAIL, BIRTH, conflict=True), MODEL)
    assert told.endswith(
        "Against it: born on different days: 1980-01-31 and 1991-05-17."
        " People born on different days are never merged without asking: a person should look."
    )


def test_names_that_exclude_each_other_are_asked_about_because_of_those() -> None:
    told = reason(judged(Judgement.LIKELY, MAIL, OTHER_NAME, conflict=True), MODEL)
    assert told.endswith("Such names are never merged without asking: a person should look.")


def test_what_is_neither_sure_nor_hopeless_is_a_question() -> None:
    assert reason(judged(Judgement.LIKELY, MAIL), MODEL).endswith("That is not enough: a person should look.")


@pytest.mark.parametrize(
    ("verdict", "end"),
    [
        (judged(Judgement.NONE), "There is nothing to compare: they stay apart."),
        (judged(Judgement.NONE, BIRTH), "Nothing speaks for one person: they stay apart."),
        (judged(Judgement.NONE, PHONE, OTHER_NAME, BIRTH), "More speaks against it: they stay apart."),
        (judged(Judgement.NONE, compared("address", "same city", weight=600)), "That is too little: they stay apart."),
        (
            judged(Judgement.NONE, NAME, weight=MODEL.likely),
            "But nothing that records are looked up by is exactly the same: they stay apart.",
        ),
    ],
)
def test_two_who_stay_apart_are_told_why(verdict: Verdict, end: str) -> None:
    assert reason(verdict, MODEL).endswith(end)


def test_a_value_of_a_crowd_is_told_as_not_used() -> None:
    told = reason(judged(Judgement.NONE, OTHER_NAME), MODEL, [Unused("phone", 31)])
    assert "; phone number shared by 31 people: not used." in told
    assert evidence(judged(Judgement.NONE), [Unused("email", 12)]) == (
        "Against it: e-mail address shared by 12 people: not used."
    )


def test_what_weighs_nothing_is_not_told() -> None:
    assert evidence(judged(Judgement.NONE, compared("email", "near", "a@example.com", "b@example.com"))) == ""


@pytest.mark.parametrize(
    ("judgement", "told"),
    [
        (Judgement.MERGED, "A person decided that they are one."),
        (Judgement.APART, "A person decided that they are not one."),
    ],
)
def test_what_a_person_decided_needs_no_weights(judgement: Judgement, told: str) -> None:
    assert reason(judged(judgement, MAIL, OTHER_NAME), MODEL) == told
