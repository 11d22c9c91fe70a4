"""Names: parts kept, a whole parsed, shouting and whispering put right."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapping.models import Name
from mapping.normalise import NotNormal
from mapping.normalise.name import MAX_NAME, name, recased


def test_given_parts_are_kept_as_parts() -> None:
    assert name(first=" Alice ", last="Smith\u200b") == Name(full="Alice Smith", first="Alice", last="Smith")


def test_a_full_name_alone_is_parsed() -> None:
    assert name(full="Alice Mary Smith Jr") == Name(
        full="Alice Mary Smith Jr", first="Alice", middle="Mary", last="Smith", suffix="Jr"
    )


def test_surname_first_is_shown_the_usual_way_round() -> None:
    assert name(full="SILVA, Ana") == Name(full="Ana Silva", first="Ana", last="Silva")


def test_nothing_is_no_name() -> None:
    assert name(full=" \u200b", first="", last=" ") is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ALICE", "Alice"),
        ("o'brien", "O'Brien"),
        ("MCDONALD", "McDonald"),
        ("DE LA CRUZ", "de la Cruz"),
        ("LE", "Le"),
        ("smith-jones", "Smith-Jones"),
        ("HENRY VIII", "Henry VIII"),
        ("J", "J"),
        ("ÉLODIE", "Élodie"),
        ("D’ANGELO", "D’Angelo"),
    ],
)
def test_shouted_and_whispered_names_are_put_right(text: str, expected: str) -> None:
    assert recased(text) == expected


def test_a_name_in_mixed_case_is_left_alone() -> None:
    assert name(first="DeShawn", last="van der Berg") == Name(
        full="DeShawn van der Berg", first="DeShawn", last="van der Berg"
    )


@pytest.mark.fault("D02")
def test_a_book_is_no_name() -> None:
    with pytest.raises(NotNormal):
        name(first="x" * (MAX_NAME + 1))


@given(st.text(max_size=60))
def test_any_text_is_a_name_or_nothing(text: str) -> None:
    found = name(full=text)
    assert found is None or (found.full and Name.model_validate(found.model_dump()) == found)
