"""The common shapes of telephone numbers: the library's own answer or none, however the number is written."""

from __future__ import annotations

import random

import phonenumbers
import pytest
from phonenumbers import PhoneNumber, PhoneNumberFormat

from mapping.normalise import NotNormal
from mapping.normalise.numbering import common_e164
from mapping.normalise.phone import REGIONS, phone
from mapping.normalise.text import PLACEHOLDERS

COUNTRIES = ("AU", "NZ", "US", "GB", "CA", "DE", "FR", "BR")
OTHERS = tuple(sorted(REGIONS - set(COUNTRIES)))
FORMATS = (
    PhoneNumberFormat.E164,
    PhoneNumberFormat.NATIONAL,
    PhoneNumberFormat.NATIONAL,
    PhoneNumberFormat.INTERNATIONAL,
    PhoneNumberFormat.RFC3966,
)
KINDS = (0, 1, 2, 3, 4, 6)
"""phonenumbers' numbers for fixed lines, mobiles and kin."""


def by_the_library(text: str, region: str | None) -> str | None:
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    number.extension = None
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def by_us(text: str, region: str | None) -> str | None:
    try:
        return phone(text, region).value
    except NotNormal:
        return None


def written(chance: random.Random) -> tuple[str, str | None]:
    """A number near one of a region's examples, valid or not, written one way or another; and where it is dialled."""
    home = chance.choice(COUNTRIES if chance.random() < 0.8 else OTHERS)
    number = phonenumbers.example_number_for_type(home, chance.choice(KINDS))
    if number is None:
        return "0491 570 006", "AU"
    digits = str(number.national_number)
    if changed := chance.randint(0, min(len(digits), 6)):
        digits = digits[:-changed] + f"{chance.randrange(10**changed):0{changed}}"
    if chance.random() < 0.05:
        digits = chance.choice((digits[:-1], digits + "0"))
    near = PhoneNumber(number.country_code, int(digits or "0"), italian_leading_zero=number.italian_leading_zero)
    text = phonenumbers.format_number(near, chance.choice(FORMATS))
    where = home if chance.random() < 0.85 else chance.choice((*COUNTRIES, None))
    return another_way(text, digits, number.country_code, chance), where


def another_way(text: str, digits: str, code: int, chance: random.Random) -> str:
    ways = (
        f"00{text.lstrip('+')}",
        f"011 {text.lstrip('+')}",
        text.lstrip("+"),
        digits,
        f"+{code} (0) {digits}",
        text + chance.choice((" ext. 12", " x7", ";ext=3", " #4", "#", " (home)")),
        chance.choice(("tel:", "Tel. ", "(", "+", " ")) + text,
        "".join(chance.choice("+0123456789 ()-./x#~*") for _ in range(chance.randint(1, 22))),
        text.replace("1", "\u0661"),
        text.replace(" ", chance.choice(("-", ".", "/", "  ", "\u2011", "\u00a0", ""))),
    )
    return chance.choice(ways) if chance.random() < 0.4 else text


def compare(seed: int, count: int) -> tuple[int, int]:
    """How many valid numbers of plain digits there were, and how many of them needed no library."""
    chance = random.Random(seed)
    valid, alone = 0, 0
    for _ in range(count):
        text, region = written(chance)
        expected, common = by_the_library(text, region), common_e164(text, region)
        assert by_us(text, region) == expected, (text, region)
        assert common in {None, expected}, (text, region)
        if expected and text.isascii() and not set(text) - set("+0123456789 ()-./"):
            valid += 1
            alone += common is not None
    return valid, alone


def test_numbers_however_written_are_what_the_library_says() -> None:
    valid, alone = compare(1, 4_000)
    assert alone > 0.9 * valid > 1_000


@pytest.mark.slow
def test_a_hundred_thousand_numbers_are_what_the_library_says() -> None:
    valid, alone = compare(2, 100_000)
    assert alone > 0.9 * valid


@pytest.mark.parametrize("region", COUNTRIES)
def test_examples_of_a_country_need_no_library(region: str) -> None:
    for kind in (0, 1):
        number = phonenumbers.example_number_for_type(region, kind)
        assert number is not None
        international = phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL)
        national = phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL)
        expected = phonenumbers.format_number(number, PhoneNumberFormat.E164)
        assert (common_e164(international, None), common_e164(national, region)) == (expected, expected)


@pytest.mark.parametrize("text", sorted(PLACEHOLDERS))
def test_no_word_for_nothing_is_a_number(text: str) -> None:
    assert common_e164(text, "AU") is None


@pytest.mark.parametrize(
    "text",
    ["+800 1234 5678", "+883 510 000 000", "+999 123 456", "0011 61 491 570 006", "1" * 18, "+", "", "٠٤٩١٥٧٠٠٠٦"],
)
def test_what_is_not_plain_is_left_to_the_library(text: str) -> None:
    assert common_e164(text, "AU") is None
