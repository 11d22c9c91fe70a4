"""Companies by their name without the legal form."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedupe.companies import company_form
from mapping.models import Company
from tests.dedupe.cast import unhurried


def form(name: str) -> str:
    return company_form(Company(name=name))


@pytest.mark.parametrize(
    "name",
    [
        "Acme", "ACME", "Acme Pty Ltd", "Acme Pty. Ltd.", "Acme P/L", "The Acme Co.", "Acme, Inc.", "Acme LLC",
        "Acme L.L.C.",
        "Acme GmbH", "Acme G.m.b.H.", "Acme GmbH & Co. KG", "Acme AG", "Acme Ltda.", "Acme S.A.", "Acme S. A.",
        "Acme S/A",
        "Acme SARL", "Acme S.à r.l.", "Acme S.R.L.", "Acme B.V.", "Acme Oy", "Acme AB", "Acme A/S", "Acme plc",
        "Acme Corp.", "Acme Corporation", "Acme Limited", "Acme S.p.A.", "Acme Sp. z o.o.", "Acme S.A. de C.V.",
        "Acme (Pty) Ltd", "Ácme",
    ],
)  # fmt: skip
def test_the_legal_form_is_no_part_of_the_name(name: str) -> None:
    assert form(name) == "acme"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Smith & Sons Ltd", "smithandsons"),
        ("Smith and Sons", "smithandsons"),
        ("Müller GmbH", "muller"),
        ("Face Book", "facebook"),
        ("J. P. Bakery", "jpbakery"),
        ("Vitamin E", "vitamine"),
        ("Kew Zoo", "kewzoo"),
        ("Co", "co"),
        ("The Co Ltd", "thecoltd"),
        ("", ""),
        ("—", ""),
    ],
)
def test_the_rest_of_the_name_stays(name: str, expected: str) -> None:
    assert form(name) == expected


def test_two_companies_stay_two() -> None:
    assert len({form(name) for name in ("Acme Bakery Ltd", "Acme Brewery Ltd", "Acme Ltd")}) == 3


def test_a_name_without_end_is_read_only_at_its_start() -> None:
    assert len(form("acme " * 100_000)) <= 200


@unhurried
@given(st.text(max_size=60))
def test_any_text_folds_to_plain_letters_and_digits(name: str) -> None:
    assert form(name).isascii()
    assert form(name) == form(name.lower()) or not name.isascii()
    assert form(name).isalnum() or form(name) == ""
