"""How well two addresses agree, and where the records of one house meet."""

from __future__ import annotations

import pytest

from dedupe.addresses import AddressForm, address_keys, address_level
from tests.dedupe.addresses.writing import at


def kew(street: str, postcode: str = "3101") -> AddressForm:
    return at(street, "Kew", postcode)


HOME = kew("12 High St")

LEVELS = [
    ("missing", at(country="AU")),
    ("missing", at("9 Low St")),
    ("same", kew("12 High Street")),
    ("same", kew("12 High St, Unit 3")),
    ("same", at("12 High St", postcode="3101")),
    ("same", at("12 High St", "Kew")),
    ("same", at("12 High St", "Q", "3101")),
    ("same", at("12 High St", "Kew", "3101", country="")),
    ("similar", kew("12 Hihg St")),
    ("similar", kew("12 Hiigh St")),
    ("similar", kew("12 High")),
    ("similar", kew("12-14 High St")),
    ("similar", kew("10-16 High St")),
    ("similar", kew("12a High St")),
    ("similar", kew("12 High St", "3102")),
    ("same street", kew("13 High St")),
    ("same street", kew("High St")),
    ("same street", kew("13-15 High St")),
    ("same street", at("12 High St")),
    ("same postcode", kew("12 High Rd")),
    ("same postcode", kew("12 Low St")),
    ("same postcode", kew("PO Box 12")),
    ("same city", kew("12 High St", "9999")),
    ("same city", kew("9 Low St", "3999")),
    ("different", at("12 High St", "Box Hill", "3128")),
    ("different", at("12 High St", "Kew", "3101", country="NZ")),
]


@pytest.mark.parametrize(("level", "other"), LEVELS)
def test_alices_home_and_another_address(level: str, other: AddressForm) -> None:
    assert (address_level(HOME, other), address_level(other, HOME)) == (level, level)


@pytest.mark.parametrize(
    ("left", "right", "level"),
    [
        ("Unit 3/12 High St", "4/12 High St", "same but unit"),
        ("Unit 3/12 High St", "Flat 3, 12 High St", "same"),
        ("12a High St", "12b High St", "same but unit"),
        ("12a High St", "Unit A, 12 High St", "same"),
        ("12a High St", "Unit B, 12 High St", "similar"),
        ("Suite 5, Level 2, 12 High St", "Suite 5, 12 High St", "same"),
        ("Level 2, 12 High St", "Suite 5, 12 High St", "same"),
        ("Level 2, 12 High St", "Level 3, 12 High St", "same but unit"),
        ("3/12 High St", "4/12 Hihg St", "same but unit"),
        ("12-14 High St", "14-16 High St", "similar"),
        ("Rose Cottage, High St", "Ivy Cottage, High St", "same street"),
        ("12 5th Ave", "12 6th Ave", "same postcode"),
        ("12 Avenue A", "12 Avenue B", "same postcode"),
        ("PO Box 7", "P.O. Box 7", "same"),
        ("PO Box 7", "GPO Box 7", "same postcode"),
        ("PO Box 7, 12 High St", "PO Box 7", "same"),
    ],
)
def test_two_addresses_of_one_place(left: str, right: str, level: str) -> None:
    assert (address_level(kew(left), kew(right)), address_level(kew(right), kew(left))) == (level, level)


def test_equal_streets_of_a_large_city_are_not_one_street() -> None:
    left = at("12 High Street", "London", "E17 1AA", "GB")
    right = at("12 High Street", "London", "N8 2BB", "GB")
    assert address_level(left, right) == "same city"


def test_a_slip_in_the_city_is_the_same_city() -> None:
    assert address_level(at(city="Richmond"), at(city="Richmnod")) == "same city"
    assert address_level(at(city="Kew"), at(city="Keu")) == "different"


def test_the_records_of_one_house_meet_under_one_key() -> None:
    ways = ("12 High St", "Unit 3/12 High Street", "12a High St", "12-14 High St", "PO Box 5, 12 High St")
    assert {address_keys(kew(written)) for written in ways} == {("12|highstreet|3101",)}


def test_a_box_is_a_house_and_a_city_stands_for_the_postcode() -> None:
    assert address_keys(kew("PO Box 5")) == ("po 5|3101",)
    assert address_keys(at("12 High St", "Kew")) == ("12|highstreet|kew",)


@pytest.mark.parametrize("form", [at("12 High St"), kew("High St"), at(city="Kew", postcode="3101"), at("PO Box 5")])
def test_what_names_no_house_has_no_key(form: AddressForm) -> None:
    assert address_keys(form) == ()
