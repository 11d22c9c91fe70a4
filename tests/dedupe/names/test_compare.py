"""The joint level of two whole names, and that it follows from the levels of their parts."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedupe.names.compare import DOMAINS, JOINT_LEVELS, joint, name_level, part_levels
from dedupe.names.form import NameForm
from tests.dedupe.cast import unhurried
from tests.dedupe.names.said import form, parts


@pytest.mark.parametrize(
    ("left", "right", "level"),
    [
        ("Alice Reid", "Alice Reid", "same"),
        ("Anna Müller", "Anna Mueller", "same"),
        ("Jean-Pierre Dupont", "Jean Pierre Dupont", "same"),
        ("Kate Reid", "Katherine Reid", "nickname"),
        ("J. Reid", "John Reid", "initial"),
        ("Alcia Reid", "Alicia Reid", "similar"),
        ("Alice Bracegirdle", "Alice Bracegridle", "similar"),
        ("Kate Bracegirdle", "Katherine Bracegridle", "similar"),
        ("John Wetherby", "Wetherby John", "swapped"),
        ("Wetherby Katherine", "Kate Wetherby", "swapped"),
        ("Alice Wetherby", "Wetherbi Alice", "swapped"),
        ("John Wetherby", "Wetherby Ann", "other"),
        ("Nguyen Thi Mai", "Mai Nguyen", "swapped"),
        ("Robert Reid", "John Robert Reid", "middle"),
        ("Robert John Reid", "John Robert Reid", "middle"),
        ("Alice Smith", "Alice Smith-Jones", "part"),
        ("Alice Reid", "Alice Reid Jones", "part"),
        ("Maria Cruz", "Maria de la Cruz", "part"),
        ("Bob Silva", "Ana & Bob Silva", "partner"),
        ("Bob & Ana Silva", "Ana & Bob Silva", "partner"),
        ("Ana Silva", "Ana & Bob Silva", "same"),
        ("Ana Silva", "Mr & Mrs Silva", "last only"),
        ("Alice", "Alice Reid", "first only"),
        ("Reid", "Alice Reid", "last only"),
        ("Mr Reid", "Alice Reid", "last only"),
        ("Alice Reid", "Alice Wetherby", "same first, other last"),
        ("Alice Reid", "Bob Reid", "other first, same last"),
        ("Robert Reid", "Roberta Reid", "other first, same last"),
        ("Alice Reid", "Bob Wetherby", "other"),
        ("Kate Reid", "Katherine Wetherby", "other"),
        ("John Peter Reid", "John Andrew Reid", "other middle"),
        ("Jack Peter Reid", "John Andrew Reid", "other middle"),
        ("John P Reid", "John Andrew Reid", "same"),
        ("John Reid", "John Andrew Reid", "same"),
        ("J. Andrew Reid", "John Andrew Reid", "nickname"),
        ("Ian Reid Jr", "Ian Reid", "suffix"),
        ("Ian Reid Jr", "Ian Reid Sr", "other suffix"),
        ("Ian Reid Jr", "Ian Reid Jr", "same"),
        ("Bob Reid Jr", "Ian Reid Sr", "other first, same last"),
        ("Bob Reid Jr", "Ian Reid", "other first, same last"),
        ("Acme Pty Ltd", "ACME PTY LTD", "organisation same"),
        ("Acme Pty Ltd", "Other Pty Ltd", "organisation other"),
        ("Acme Pty Ltd", "Alice Reid", "missing"),
        ("Alice", "Mr Reid", "missing"),
    ],
)
def test_names_are_compared_as_a_whole(left: str, right: str, level: str) -> None:
    assert name_level(form(left), form(right)) == name_level(form(right), form(left)) == level


def test_a_surname_of_two_words_is_found_where_another_source_took_one_for_a_middle_name() -> None:
    assert name_level(form("Gabriel García Márquez"), parts("Gabriel", "García Márquez")) == "part"
    assert name_level(form("Gabriel García Márquez"), parts("Gabriel", "García")) == "part"


def test_a_given_name_of_two_words_is_found_behind_the_family_name() -> None:
    assert name_level(form("Nguyen Thi Mai"), parts("Thi Mai", "Nguyen")) == "swapped"


def test_the_only_word_of_a_name_may_stand_in_the_wrong_field() -> None:
    assert name_level(parts("", "Alice"), form("Alice Reid")) == "first only"
    assert name_level(parts("Reid", ""), form("Alice Reid")) == "last only"
    assert name_level(parts("Reid", ""), parts("", "Reid")) == "first only"


def test_a_name_that_is_missing_says_nothing() -> None:
    assert name_level(NameForm(), form("Alice Reid")) == name_level(NameForm(), NameForm()) == "missing"


words = st.sampled_from(["", "john", "jon", "robert", "bob", "roberta", "reid", "smith", "smith-jones", "j", "thi"])
forms = st.builds(
    NameForm,
    first=words,
    middle=st.sampled_from(["", "john", "robert", "reid", "j", "john robert"]),
    last=words,
    suffix=st.sampled_from(["", "jr", "sr"]),
    partner=st.sampled_from(["", "*", "bob", "john"]),
) | st.builds(NameForm, organisation=st.sampled_from(["acme", "other"]))


@given(forms, forms)
@unhurried
def test_it_does_not_matter_which_comes_first(left: NameForm, right: NameForm) -> None:
    assert part_levels(left, right) == part_levels(right, left)
    assert name_level(left, right) == name_level(right, left)


@given(forms, forms)
@unhurried
def test_part_levels_are_of_their_domains_and_usual_where_the_part_is_empty(left: NameForm, right: NameForm) -> None:
    levels = dict(zip(DOMAINS, part_levels(left, right), strict=True))
    assert all(level in DOMAINS[part] for part, level in levels.items())
    for part in ("middle", "suffix", "partner", "organisation"):
        if not getattr(left, part) and not getattr(right, part):
            assert levels[part] == DOMAINS[part][0]
    if left.first != right.last and left.last != right.first:
        assert levels["crossed"] == "no"


def test_the_table_has_a_level_for_everything_and_every_level_is_reached() -> None:
    assert {joint(*levels) for levels in product(*DOMAINS.values())} == set(JOINT_LEVELS)


@pytest.mark.parametrize(
    ("levels", "level"),
    [
        (("same", "same"), "same"),
        (("missing", "missing"), "missing"),
        (("initial", "missing"), "missing"),
        (("initial", "part"), "last only"),
        (("other", "missing"), "other"),
        (("missing", "other"), "other"),
        (("other", "similar"), "other first, same last"),
        (("other", "similar", "no", "given"), "other first, same last"),
        (("other", "part", "no", "missing", "missing", "partner"), "other"),
        (("same", "other", "no", "family", "one"), "part"),
        (("same", "other", "no", "family", "other"), "other suffix"),
        (("other", "other", "both", "missing", "one"), "suffix"),
    ],
)
def test_the_joint_level_follows_from_part_levels_alone(levels: tuple[str, ...], level: str) -> None:
    assert joint(*levels) == level
