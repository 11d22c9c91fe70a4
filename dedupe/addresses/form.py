"""The comparable form of a postal address, read from what a record says. Cleaned, not looked up in any register."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from anyascii import anyascii

from dedupe.addresses.line import read_line
from dedupe.addresses.street import without_umlauts
from mapping.models import Address

LONGEST_LINE = 200
LONGEST_WORD = 80
_SIGNS = str.maketrans({"°": "o", "\n": ",", "\r": ",", ";": ",", "|": ",", "`": "'"})
_UMLAUTS = frozenset({"DE", "AT", "CH", "LI", "LU"})
_CITY_WORDS = {"st": "saint", "ste": "sainte", "mt": "mount", "mtn": "mountain", "ft": "fort", "pt": "port"}
_PREFIXED = re.compile(r"(?:[a-z]{1,3} ?- ?)(?=\d{4})")
_DIGITS = {"AU": 4, "DE": 5, "FR": 5, "US": 5, "BR": 8, "IT": 5, "ES": 5}
"""Countries whose postcodes are digits only: spreadsheets take the leading zero away."""


@dataclass(frozen=True, slots=True)
class AddressForm:
    """Folded lower-case ASCII, "" where missing; `country` is the code as given.

    `house` is "12", "12a", "12-14", "12bis", "lot5" or the name of a house; `street` has its words in full and no
    blanks ("northmainstreet"); `unit` is "4b", "5 level 2", "12 block b"; `box` is "po 12", "gpo 12" or "bag 12".
    """

    house: str
    street: str
    unit: str
    box: str
    postcode: str
    city: str
    country: str


def form_of(address: Address) -> AddressForm | None:
    """None when the address says nothing but perhaps a state. Text beyond 200 characters of a line is not read."""
    country = address.country
    postcode = _postcode(address.postcode[:LONGEST_WORD], country) if address.postcode else ""
    city = _city(address.city[:LONGEST_WORD], country) if address.city else ""
    house = street = unit = box = ""
    if address.street:
        elsewhere = (city, postcode, _letters(address.state[:LONGEST_WORD]), country.lower())
        house, street, unit, box = read_line(_folded(address.street[:LONGEST_LINE]), country, elsewhere)
    if not (house or street or box or postcode or city or country):
        return None
    return AddressForm(house, street, unit, box, postcode, city, country)


def _folded(text: str) -> str:
    text = text.translate(_SIGNS)
    if not text.isascii():
        text = anyascii(text)[: 2 * LONGEST_LINE]
    return " ".join(text.lower().split())


@lru_cache(maxsize=4096)
def _letters(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "", anyascii(text).lower())


@lru_cache(maxsize=65_536)
def _postcode(text: str, country: str) -> str:
    folded = anyascii(text).lower().strip()
    if country in _DIGITS:
        return _of_digits(folded, country)
    code = re.sub(r"[^a-z0-9]+", "", _PREFIXED.sub("", folded))
    return code[:5] if not country and re.fullmatch(r"\d{5}-\d{4}", folded) else code


def _of_digits(folded: str, country: str) -> str:
    digits = re.sub(r"\D", "", folded)
    if country == "US" and len(digits) > 5:
        return digits[:5]
    return digits.zfill(_DIGITS[country]) if len(digits) == _DIGITS[country] - 1 else digits


@lru_cache(maxsize=65_536)
def _city(text: str, country: str) -> str:
    """The name without what is in brackets, behind a comma or a slash, without numbers of districts and "cedex"."""
    folded = re.split(r"[,/(]|\bcedex\b", anyascii(text).lower())[0]
    words = re.sub(r"[^a-z0-9]+", " ", folded.replace("'", "")).split()
    kept = [_CITY_WORDS.get(word, word) for word in words if not word[0].isdigit()]
    city = "".join(kept)
    return without_umlauts(city) if country in _UMLAUTS else city
