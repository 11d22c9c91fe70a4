"""Searching as a person types: exact before begun before misspelled, phones by their end, and never a whole table."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from hub.queries.home import look_up
from hub.queries.search import count_spellings, search
from hub.queries.spelling import spellings
from hub.stages import golden
from hub.stages.golden import golden_all, terms
from hub.store.engine import Store
from tests.flows.statements import fill, listening, scans
from tests.hub.world import POLICY, contacts_of, land_and_resolve, person

CAST = [
    person("1", name="Anna Smith", email="anna@example.com", phone="0491 570 156", loyalty="LX-0042"),
    person("2", name="Zoe Smithson", email="zoe@example.com", phone="0491 570 157"),
    person("3", name="Carl Smyth", email="carl@example.com"),
    person("4", name="Dora Smithers", email="dora@example.com"),
    person("5", name="Ngọc Nguyễn", email="ngoc@example.com"),
    person("6", name="Ирина Петрова", email="irina@example.com"),
    person("7", name="שרה לוי", email="sara@example.com"),
    person("8", name="🦊 Fennec 🦊", email="fennec@example.com"),
    person("9", name="Katherine O'Neill", email="kat@example.com"),
]
FOUND = {
    "smith": ["Anna Smith", "Dora Smithers", "Zoe Smithson", "Carl Smyth"],
    "smyth": ["Carl Smyth", "Anna Smith"],
    "smiht": ["Anna Smith"],
    "smithso": ["Zoe Smithson"],
    "smitson": ["Zoe Smithson"],
    "smitsh": ["Anna Smith"],
    "smitt": ["Anna Smith"],
    "anna smiht": ["Anna Smith"],
    "ana smith": [],
    "nguyen": ["Ngọc Nguyễn"],
    "ngyuen": ["Ngọc Nguyễn"],
    "nguyne": ["Ngọc Nguyễn"],
    "петрва": ["Ирина Петрова"],
    "петрова ирена": ["Ирина Петрова"],
    "שרה": ["שרה לוי"],
    "fenec": ["🦊 Fennec 🦊"],
    "kathrine oneil": ["Katherine O'Neill"],
    "katehr": ["Katherine O'Neill"],
    "0156": ["Anna Smith"],
    "570 157": ["Zoe Smithson"],
    "156": [],
    "0042": [],
    "lx-0042": ["Anna Smith"],
    "smxyz": [],
}


@pytest.fixture
def cast(store: Store) -> Store:
    land_and_resolve(store, CAST)
    return store


def names(store: Store, text: str, **how: bool) -> list[str]:
    with store.read() as db:
        return [row["name"] for row in search(db, text, **how)]


def test_exact_comes_before_begun_before_misspelled(cast: Store) -> None:
    assert {text: names(cast, text) for text in FOUND} == FOUND


def test_who_sees_hints_only_finds_nobody_by_a_part_of_what_is_personal(cast: Store) -> None:
    for text in ("anna@", "anna@example", "example.co", "0156", "+6149157015", "lx-004"):
        assert names(cast, text, masked=True) == [], text
    for text in ("anna@example.com", "0491 570 156", "+61491570156", "lx-0042", "anna", "smiht"):
        assert "A••• S•••" in names(cast, text, masked=True), text


def test_a_whole_id_is_found_and_masked_too(cast: Store) -> None:
    with cast.read() as db:
        (row,) = look_up(db, contacts_of(cast)["1"], "AU", 10, masked=True)
    assert (row["name"], row["email"], row["phone"]) == ("A••• S•••", "a•••@e•••.com", "••• 156")


def test_slips_are_a_letter_more_less_other_or_two_exchanged() -> None:
    assert {"mith", "smit", "msith", "smiht", "smyth", "smithe", "asmith"} <= spellings("smith")
    assert "smith" not in spellings("smith")
    assert "петрова" in spellings("петрва")
    assert not any("a" <= letter <= "z" for slip in spellings("петрва") for letter in slip)


@pytest.mark.parametrize("word", ["", "abc", "a" * 17, "4711", "x4711", "a@example.com", "山田太郎山田"])
def test_what_is_short_or_long_or_no_word_has_few_slips_or_none(word: str) -> None:
    assert len(spellings(word)) <= 2 * len(word)
    assert (word.isalpha() and not word.isascii()) or spellings(word) == frozenset()


def test_it_is_told_how_many_spellings_were_looked_for() -> None:
    assert count_spellings("smith") == len(spellings("smith"))
    assert count_spellings("0491 570 156") == 0


def test_another_making_of_terms_makes_every_contact_anew(cast: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    assert golden_all(cast, POLICY) == 0
    monkeypatch.setattr(golden, "MAKING", "another")
    assert golden_all(cast, POLICY) == len(CAST)


def test_a_contact_costs_few_terms(cast: Store) -> None:
    """Slips are made when somebody types, not when somebody lands."""
    with cast.read() as db:
        query = select(terms.c.term).where(terms.c.contact_id == contacts_of(cast)["1"])
        assert len(db.execute(query).all()) == 9


@pytest.mark.parametrize("text", ["smith", "anna smith", "smiht", "0491 570 156", "0156", "a", "anna@example.com"])
def test_no_search_reads_a_table_whole(cast: Store, text: str) -> None:
    with listening() as heard:
        names(cast, text)
    fill(cast)
    with cast.read() as db:
        found = {shape: scans(db, *asked) for shape, asked in heard.found.items()}
    assert heard.found
    assert {shape: tables for shape, tables in found.items() if tables} == {}
