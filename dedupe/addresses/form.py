"""The comparable form of a postal address, read from what a record says. Cleaned, not looked up in any register."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from anyascii import anyascii

from dedupe.addresses.line import Line, Way, read_line, way_behind_digits
from dedupe.addresses.street import without_umlauts
from mapping.models import Address

LONGEST_LINE = 200
LONGEST_WORD = 80
LONGEST_HOUSE = 5
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


Parts = tuple[str, str, str, str, str, str, str]
"""The fields of an AddressForm, in their order."""


def form_of(address: Address) -> AddressForm | None:
    """None when the address says nothing but perhaps a state. Text beyond 200 characters of a line is not read."""
    parts = parts_of(address)
    return AddressForm(*parts) if parts else None


def parts_of(address: Address) -> Parts | None:
    """The same as a plain tuple, which is made much faster."""
    country, street = address.country, address.street
    postcode = _postcode(address.postcode[:LONGEST_WORD], country) if address.postcode else ""
    city = _city(address.city[:LONGEST_WORD], country) if address.city else ""
    line = _line(street, address.state, city, postcode, country) if street else _NO_LINE
    if not (city or postcode or country or line[0] or line[1] or line[3]):
        return None
    return (*line, postcode, city, country)


_NO_LINE = ("", "", "", "")


def _line(street: str, state: str, city: str, postcode: str, country: str) -> Line:
    elsewhere = (city, postcode, _letters(state[:LONGEST_WORD]), country.lower())
    house, _, rest = street.partition(" ")
    if len(house) <= LONGEST_HOUSE and house.isdecimal() and house.isascii() and len(street) <= LONGEST_LINE:
        way = _way(rest, country)
        if way is not None:
            return house, way.street(elsewhere), "", ""
    return read_line(_folded(street[:LONGEST_LINE]), country, elsewhere)


@lru_cache(maxsize=65_536)
def _way(rest: str, country: str) -> Way | None:
    return way_behind_digits(_folded(rest), country)


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
