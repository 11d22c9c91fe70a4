"""How well two addresses agree, and the key under which the records of one house meet."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from rapidfuzz.distance import OSA

from dedupe.addresses.form import AddressForm
from dedupe.addresses.words import TYPES

SHORTEST_TYPO = 4
"""Letters that the name of a street needs, without its kind, for one of them to be a slip."""

_HOUSE = re.compile(r"(\d+)(?:-(\d+))?([a-z]*)\Z")
_DIGIT = re.compile(r"\d+")
_DOOR = re.compile(r"(?:(level|block) )?(\S+)")


def _one_of(kinds: Iterable[str]) -> str:
    return "|".join(sorted({kind for kind in kinds if len(kind) > 2}))


_BEFORE_KIND = re.compile(f"(.+?)(?:{_one_of([*TYPES['en'].values(), 'strasse', 'platz', 'straat'])})\\Z")
_AFTER_KIND = re.compile(
    f"(?:{_one_of(kind for tongue in ('fr', 'pt', 'es', 'it') for kind in TYPES[tongue].values())})(.+)"
)


def address_level(left: AddressForm, right: AddressForm) -> str:
    """One of "missing", "same", "same but unit", "similar", "same street", "same postcode", "same city", "different".

    "similar" is the same house but for one slip: in the street, in the postcode of the same city, a house in a range
    of houses, 12 and 12a. A box is a house of its own. Symmetric.
    """
    if left.country and right.country and left.country != right.country:
        return "missing" if _is_bare(left) or _is_bare(right) else "different"
    place = _place(left, right)
    if place in ("same", "near") and (level := _house_level(left, right, place)):
        return level
    if place == "unknown":
        return "same street" if left.street and _one_house(left, right) == "same" else "missing"
    return _place_level(left, right)


def address_keys(form: AddressForm) -> tuple[str, ...]:
    """ "12|highstreet|3000" or "po 12|3000": the house without its letter, the first house of a range, no unit.

    A city stands for a missing postcode. Empty where the house, the street or the place is missing.
    """
    place = form.postcode or form.city
    if not place:
        return ()
    if form.house and form.street:
        found = _HOUSE.match(form.house)
        return (f"{found[1] if found else form.house}|{form.street}|{place}",)
    return (f"{form.box}|{place}",) if form.box else ()


def _is_bare(form: AddressForm) -> bool:
    return not (form.street or form.box or form.postcode or form.city)


def _place(left: AddressForm, right: AddressForm) -> str:
    """Do they lie in one place: "same", "near" (the city, with a slip in the postcode), "other", "unknown"?"""
    codes, cities = left.postcode and right.postcode, left.city and right.city
    if codes and left.postcode == right.postcode:
        return "same"
    if not codes and not cities:
        return "unknown"
    if not cities or not same_city(left.city, right.city):
        return "other"
    if not codes:
        return "same"
    return "near" if _one_slip(left.postcode, right.postcode) else "other"


def _house_level(left: AddressForm, right: AddressForm, place: str) -> str:
    """The level of two in one place, "" where no house and no street is in common."""
    if left.box and left.box == right.box and (not left.street or not right.street or left.street == right.street):
        return "same" if place == "same" else "similar"
    if not left.street or not right.street:
        return ""
    same_street = left.street == right.street
    if not same_street and not _similar_street(left.street, right.street):
        return ""
    houses = _one_house(left, right)
    if houses == "other":
        return "same street" if same_street else ""
    if houses == "next door" or _doors_differ(left.unit, right.unit):
        return "same but unit"
    return "same" if same_street and houses == "same" and place == "same" else "similar"


def _place_level(left: AddressForm, right: AddressForm) -> str:
    if left.postcode and left.postcode == right.postcode:
        return "same postcode"
    return "same city" if left.city and right.city and same_city(left.city, right.city) else "different"


def _one_house(left: AddressForm, right: AddressForm) -> str:
    """ "same", "similar" (a range, or 12 and 12a), "next door" (12a and 12b), "other"."""
    if not left.house or not right.house:
        return "other"
    if left.house == right.house:
        return "same"
    one, two = _HOUSE.match(left.house), _HOUSE.match(right.house)
    if not one or not two:
        return "other"
    if one[2] or two[2]:
        first = max(int(one[1]), int(two[1]))
        return "similar" if first <= min(int(one[2] or one[1]), int(two[2] or two[1])) else "other"
    if one[1] != two[1]:
        return "other"
    if one[3] and two[3]:
        return "next door"
    with_letter, without = (one, right) if one[3] else (two, left)
    return "same" if without.unit == with_letter[3] else "similar"


def _doors_differ(left: str, right: str) -> bool:
    """Do both name a unit, a level or a block, and another one?"""
    if not left or not right or left == right:
        return False
    one, two = dict(_DOOR.findall(left)), dict(_DOOR.findall(right))
    return any(one[kind] != two[kind] for kind in one if kind in two)


def same_city(one: str, two: str) -> bool:
    """Are two folded names of cities equal, or but a slip apart?"""
    return one == two or (min(len(one), len(two)) > SHORTEST_TYPO and _one_slip(one, two))


def _similar_street(left: str, right: str) -> bool:
    """One slip of letters (never of digits: 5th and 6th are two streets), or the kind left out on one side."""
    one, two = _name(left), _name(right)
    if min(len(one), len(two)) < SHORTEST_TYPO or _DIGIT.findall(left) != _DIGIT.findall(right):
        return False
    return _one_slip(left, right) or (one == two and (one == left or two == right))


@lru_cache(maxsize=65_536)
def _name(street: str) -> str:
    """The street without its kind: "high" of "highstreet", "paix" of "ruepaix"."""
    found = _BEFORE_KIND.match(street) or _AFTER_KIND.match(street)
    return found[1] if found else street


def _one_slip(left: str, right: str) -> bool:
    return OSA.distance(left, right, score_cutoff=1) <= 1
