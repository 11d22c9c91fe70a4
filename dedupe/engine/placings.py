"""Levels of many pairs of addresses: by their parts where these settle it, by the rule for two addresses elsewhere."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from dedupe.addresses import AddressForm, address_level
from dedupe.addresses.level import same_city
from dedupe.engine.coding import WITHIN, Coded, Ids, Mask, where_true
from dedupe.engine.sketches import Sketches, fewest_edits, may_contain, sketches_of
from dedupe.engine.spreading import Level, by_value
from dedupe.engine.table import Places

ADDRESS = ("missing", "same", "same but unit", "similar", "same street", "same postcode", "same city", "different")
_NUMBER = {level: at for at, level in enumerate(ADDRESS)}

FEW = 64
"""Up to so many pairs the rule is asked of each."""


class Placing:
    """Judges pairs of numbers of the addresses of a table; levels are numbers into ADDRESS."""

    def __init__(self, places: Places) -> None:
        self.places, self.texts = places, places.sets.values
        self.read: dict[int, AddressForm] = {}

    def judge(self, left: Ids, right: Ids) -> Level:
        found = np.full(len(left), _NUMBER["same"], np.uint8)
        at = where_true(left != right)
        left, right = left[at], right[at]
        found[at] = by_value(left, right, self._level) if len(at) <= FEW else self._by_parts(left, right)
        return found

    def _by_parts(self, left: Ids, right: Ids) -> Level:
        one = self.places
        abroad = _both(one.country, left, right) & (one.country.ids[left] != one.country.ids[right])
        codes, same_code = _both(one.postcode, left, right), _agree(one.postcode, left, right)
        cities, same_city = _both(one.city, left, right), self._same_city(left, right)
        found = np.full(len(left), _NUMBER["different"], np.uint8)
        found[same_city] = _NUMBER["same city"]
        found[same_code] = _NUMBER["same postcode"]
        unknown = ~codes & ~cities
        found[unknown] = _NUMBER["missing"]
        bare = self._bare(left) | self._bare(right)
        found[abroad] = np.where(bare[abroad], _NUMBER["missing"], _NUMBER["different"])
        same_place = same_code | (same_city & ~codes)
        near = where_true((same_code | same_city | unknown) & ~abroad)
        near = near[same_place[near] | unknown[near] | self._near_code(left[near], right[near])]
        near = near[unknown[near] | self._may_be_one_house(left[near], right[near])]
        plain = same_place[near] & self._is_one_house(left[near], right[near])
        found[near[plain]] = _NUMBER["same"]
        near = near[~plain]
        found[near] = by_value(left[near], right[near], self._level)
        return found

    def _form(self, number: int) -> AddressForm:
        if number not in self.read:
            self.read[number] = AddressForm(*self.texts[number].split(WITHIN))
        return self.read[number]

    def _level(self, one: int, other: int) -> int:
        return _NUMBER[address_level(self._form(one), self._form(other))]

    @cached_property
    def _cities(self) -> Sketches:
        return sketches_of(self.places.city.values)

    @cached_property
    def _codes(self) -> Sketches:
        return sketches_of(self.places.postcode.values)

    @cached_property
    def _streets(self) -> Sketches:
        return sketches_of(self.places.street.values)

    def _bare(self, numbers: Ids) -> Mask:
        one = self.places
        said = (one.street, one.box, one.postcode, one.city)
        bare: Mask = ~np.logical_or.reduce([part.ids[numbers] > 0 for part in said])
        return bare

    def _same_city(self, left: Ids, right: Ids) -> Mask:
        city = self.places.city
        found = _agree(city, left, right)
        at = where_true(_both(city, left, right) & ~found)
        texts, one, other = city.values, city.ids[left[at]], city.ids[right[at]]
        at_near = where_true(fewest_edits(self._cities, one, other) <= 1)
        near = by_value(one[at_near], other[at_near], lambda a, b: same_city(texts[a], texts[b]))
        found[at[at_near]] = near > 0
        return found

    def _near_code(self, left: Ids, right: Ids) -> Mask:
        """Whether there may be no more than a slip between the postcodes."""
        code = self.places.postcode
        return fewest_edits(self._codes, code.ids[left], code.ids[right]) <= 1

    def _may_be_one_house(self, left: Ids, right: Ids) -> Mask:
        """Whether they have a box in common, or streets that are equal or may be similar."""
        street = self.places.street
        one, other, sketches = street.ids[left], street.ids[right], self._streets
        edge = (sketches.firsts[one] == sketches.firsts[other]) | (sketches.lasts[one] == sketches.lasts[other])
        near = (fewest_edits(sketches, one, other) <= 1) | (edge & may_contain(sketches, one, other))
        found: Mask = _agree(self.places.box, left, right) | (near & (one > 0) & (other > 0))
        return found

    def _is_one_house(self, left: Ids, right: Ids) -> Mask:
        """Of two in one place: whether street and house are the same, and no door differs."""
        unit = self.places.unit
        doors_fit = (unit.ids[left] == unit.ids[right]) | ~_both(unit, left, right)
        found: Mask = _agree(self.places.street, left, right) & _agree(self.places.house, left, right) & doors_fit
        return found


def _both(part: Coded, left: Ids, right: Ids) -> Mask:
    found: Mask = (part.ids[left] > 0) & (part.ids[right] > 0)
    return found


def _agree(part: Coded, left: Ids, right: Ids) -> Mask:
    found: Mask = (part.ids[left] == part.ids[right]) & (part.ids[left] > 0)
    return found
