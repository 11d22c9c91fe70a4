"""Laws of addresses over any text: no crash, only known levels, symmetry, and a fold that ends."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dedupe.addresses import AddressForm, address_keys, address_level, form_of
from dedupe.addresses.line import read_line
from mapping.models import Address
from tests.dedupe.cast import unhurried

LEVELS = {"missing", "same", "same but unit", "similar", "same street", "same postcode", "same city", "different"}

WORDS = (
    "12 12a 12-14 3/12 Unit Flat 4 High St Rd Main N S rue de la Paix bis Hauptstr. Rua nº 123 apto bloco B PO Box"
    " Level Lot # / - , . c/o l' Postfach 5th 1/2 km ground floor ß é"
)
words = st.sampled_from(WORDS.split())
lines = st.one_of(st.text(max_size=60), st.lists(words, max_size=8).map(" ".join))
countries = st.sampled_from(["", "AU", "US", "GB", "CA", "DE", "AT", "FR", "BR", "ES", "NL", "JP"])
addresses = st.builds(
    Address,
    street=lines,
    city=st.one_of(st.sampled_from(["", "Kew", "Richmond", "Richmnod"]), st.text(max_size=20)),
    postcode=st.one_of(st.sampled_from(["", "3101", "3102", "02139-4307"]), st.text(max_size=10)),
    country=countries,
)


@unhurried
@given(addresses)
def test_a_form_is_folded_ascii(address: Address) -> None:
    form = form_of(address)
    if form is not None:
        text = "".join((form.house, form.street, form.unit, form.box, form.postcode, form.city))
        assert text.isascii()
        assert text == text.lower()
        assert "|" not in text


@unhurried
@given(addresses, addresses)
def test_which_of_two_is_left_does_not_matter(one: Address, two: Address) -> None:
    left, right = _form(one), _form(two)
    level = address_level(left, right)
    assert level in LEVELS
    assert level == address_level(right, left)


@unhurried
@given(addresses)
def test_an_address_that_has_a_key_is_the_same_as_itself(address: Address) -> None:
    form = _form(address)
    keys = address_keys(form)
    assert len(keys) <= 1
    if keys:
        assert address_level(form, form) == "same"


NAMES = "high st rd main n av de la rue paix hauptstr lange kerk das rua o'connell l'eglise saint the hwy mt"
plain_names = st.lists(st.sampled_from(NAMES.split()), min_size=1, max_size=4).map(" ".join)
ways = st.sampled_from(
    ["12 {}", "12a {}", "12 bis {}", "3/12 {}", "{} 12", "{}, 12", "{} 12a", "{}, n 12", "{} nr. 12"]
)


@unhurried
@given(ways, plain_names, countries)
def test_empty_parts_behind_a_plain_line_change_nothing(way: str, name: str, country: str) -> None:
    """A plain line is read quickly, one with more parts thoroughly: both must read the same."""
    line = way.format(name)
    assert read_line(line, country) == read_line(f"{line}, , ", country)


def test_half_a_character_is_no_crash() -> None:
    assert form_of(Address(street="12 High \ud800St", city="\udfff", postcode="\ud800", country="AU")) is not None


def _form(address: Address) -> AddressForm:
    return form_of(address) or AddressForm("", "", "", "", "", "", "")
