"""Names: parts kept, a whole parsed, shouting and whispering put right."""

from __future__ import annotations

import random
import re
from string import ascii_lowercase, ascii_uppercase

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nameparser import HumanName, Lexicon

from mapping.models import Name
from mapping.normalise import NotNormal
from mapping.normalise.name import MAX_NAME, name, plain_name, recased


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


SYLLABLES = (
    "ma",
    "li",
    "jo",
    "van",
    "de",
    "o",
    "an",
    "do",
    "mac",
    "mc",
    "son",
    "dr",
    "st",
    "el",
    "vi",
    "ix",
    "ph",
    "sr",
)
LETTERS = ascii_lowercase * 2 + "àáâäãåæçéèêëíìîïñóòôöõøœßúùûüýÿąćčďęěğıķłńňőřśšťűůźžż"
KNOWN = sorted({word for entry in Lexicon.default().titles for word in re.findall("[a-z]+", entry)})


def word(chance: random.Random) -> str:
    """Something like a name; seldom a title or what looks like one."""
    kind = chance.random()
    if kind < 0.1:
        return f"{chance.choice(ascii_uppercase)}{chance.choice(('', '.'))}"
    if kind < 0.15:
        return chance.choice(KNOWN).capitalize()
    if kind < 0.4:
        made = "".join(chance.choices(SYLLABLES, k=chance.randint(1, 3)))
    else:
        made = "".join(chance.choices(LETTERS, k=chance.randint(2, 6)))
    tail = chance.choice(("Donald", "Le", "Phd", "Ii", "Jr", "7", "1976")) if chance.random() < 0.1 else ""
    return made.capitalize() + tail


def compare(seed: int, count: int) -> None:
    chance = random.Random(seed)
    for _ in range(count):
        full = " ".join(word(chance) for _ in range(chance.choice((1, 2, 2, 3))))
        if full.isupper():
            continue  # as it comes it is nobody's spelling: it is written anew before it is parsed
        human = HumanName(full)
        expected = Name(full=full, first=human.first, middle=human.middle, last=human.last, suffix=human.suffix)
        found = name(full=full)
        assert found == expected
        assert found.model_fields_set == expected.model_fields_set


def test_up_to_three_words_are_parsed_as_the_library_parses_them() -> None:
    compare(1, 1_500)


@pytest.mark.slow
def test_a_hundred_thousand_names_are_parsed_as_the_library_parses_them() -> None:
    compare(2, 100_000)


@pytest.mark.parametrize(
    "full",
    [
        "Alice Vi",
        "Alice Vı",
        "Ana Né Silva",
        "Bob M. D.",
        "Dr Silva",
        "Alice Jr",
        "Van Silva",
        "Alice Md",
        "Sir Bob",
        "Jack Ma",
        "Ana Y",
    ],
)
def test_a_word_of_which_the_library_knows_more_is_left_to_it(full: str) -> None:
    human, found = HumanName(full), name(full=full)
    assert found is not None
    assert (found.first, found.last, found.suffix) == (human.first, human.last, human.suffix)


@given(st.dictionaries(st.sampled_from(["full", "first", "middle", "last", "suffix"]), st.sampled_from(
    ["Alice", "SMITH", "o'brien", "van der Berg", "J", "Jr", "x" * 299]
), min_size=1))  # fmt: skip
def test_plain_parts_are_the_same_name(parts: dict[str, str]) -> None:
    try:
        expected = name(**parts)
    except NotNormal:
        with pytest.raises(NotNormal):
            plain_name(parts)
    else:
        assert plain_name(parts) == expected
