"""How common a name is, and how that is told."""

from __future__ import annotations

import pytest

from dedupe.names.data_files import lines_of
from dedupe.names.frequency import first_class, last_class, told, told_first


@pytest.mark.parametrize(
    ("last", "expected"),
    [("smith", 3), ("nguyen", 3), ("silva", 3), ("dupont", 2), ("abbott", 1), ("thistlewood", 0), ("", 0)],
)
def test_surnames_have_a_class(last: str, expected: int) -> None:
    assert last_class(last) == expected


@pytest.mark.parametrize(
    ("first", "expected"), [("maria", 3), ("kevin", 3), ("gisela", 2), ("rhys", 1), ("zebedee", 0)]
)
def test_first_names_have_a_class(first: str, expected: int) -> None:
    assert first_class(first) == expected


def test_another_spelling_is_as_common() -> None:
    assert last_class("mueller") == last_class("muller") == 3
    assert last_class("vander-berg") == last_class("vanderberg")


def test_two_common_surnames_are_rare_together() -> None:
    assert last_class("smith-jones") == 0


def test_rarity_is_told_in_numbers_that_one_can_picture() -> None:
    assert told("smith") == "very common surname: about 280 in 40,000"
    assert told("gordon") == "common surname: about 18 in 40,000"
    assert told("abbott") == "uncommon surname: about 2 in 40,000"
    assert told("thistlewood") == "rare surname: fewer than 2 in 40,000"
    assert told_first("zebedee") == "rare first name: fewer than 2 in 40,000"


@pytest.mark.parametrize("file_name", ["first.txt", "last.txt"])
def test_the_tables_hold_each_folded_name_once(file_name: str) -> None:
    rows = lines_of(file_name)
    names = [name for name, _ in rows]
    assert len(names) == len(set(names)) > 500
    assert all(name.isascii() and name.isalpha() and name == name.lower() and int(count) > 0 for name, count in rows)
