"""Levels of many pairs of names: of first names and surnames by words, joined by the one table of `names.joint`.

Where more of a name counts than these, its middle names and its suffix (an organisation, a couple, a first name that
is the other's surname), the rule for two names is asked itself.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, cached_property

import numpy as np
from numpy.typing import NDArray

from dedupe.engine.coding import WITHIN, Ids, Mask, where_true
from dedupe.engine.sketches import Numbers, Sketches, alike, sketches_of
from dedupe.engine.spreading import Level, by_value, distinct
from dedupe.engine.table import Names
from dedupe.engine.wordings import Words, levels_of_firsts, levels_of_lasts
from dedupe.names.compare import DOMAINS, joint, middle_level
from dedupe.names.form import NameForm
from dedupe.names.levels import are_two_names
from dedupe.names.near import LIKENESS, UNLIKE, name_or_near

MIDDLE, SUFFIX = DOMAINS["middle"], DOMAINS["suffix"]

FEW = 64
"""Up to so many pairs the rule is asked of each."""


class Naming:
    """Judges pairs of numbers of the names of a table, none of them missing; levels are numbers into `levels`."""

    def __init__(self, names: Names, levels: tuple[str, ...]) -> None:
        self.texts, self.forms, self.levels = names.whole.values, names.forms, levels
        self.words = names.forms.words
        self.number = {level: at for at, level in enumerate(levels)}
        self.read: dict[int, NameForm] = {}

    def judge(self, left: Ids, right: Ids) -> Level:
        if len(left) <= FEW:
            return by_value(left, right, self._level)
        forms = self.forms
        found = _joined(self.levels)[
            _by_words(levels_of_firsts, self.words, forms.first[left], forms.first[right]),
            _by_words(levels_of_lasts, self.words, forms.last[left], forms.last[right]),
            self._middles(left, right),
            _suffixes(forms.suffix[left], forms.suffix[right]),
        ]
        self._make_near(found, left, right)
        odd = self._odd(left, right)
        found[odd] = by_value(left[odd], right[odd], self._level)
        return found

    def _form(self, number: int) -> NameForm:
        if number not in self.read:
            self.read[number] = NameForm(*self.texts[number].split(WITHIN))
        return self.read[number]

    def _level(self, one: int, other: int) -> int:
        return self.number[name_or_near(self._form(one), self._form(other))]

    def _odd(self, left: Ids, right: Ids) -> Numbers:
        """Where an organisation or a partner is, or where one's first name is the other's surname."""
        forms, first, last = self.forms, self.forms.first, self.forms.last
        found = forms.more[left] | forms.more[right]
        for one, other in ((left, right), (right, left)):
            found |= (first[one] == last[other]) & (first[one] > 0)
        return where_true(found)

    def _middles(self, left: Ids, right: Ids) -> Level:
        middle = self.forms.middle
        found = np.full(len(left), MIDDLE.index("missing"), np.uint8)
        at = where_true((middle[left] > 0) | (middle[right] > 0))
        if len(at):
            at = at[self._may_tell(left[at], right[at])]
            found[at] = by_value(left[at], right[at], self._middle)
        return found

    def _middle(self, one: int, other: int) -> int:
        return MIDDLE.index(middle_level(self._form(one), self._form(other)))

    def _may_tell(self, left: Ids, right: Ids) -> Mask:
        """Whether both have middle names, or those of one may be in the other's first name or surname."""
        forms = self.forms
        found = (forms.middle[left] > 0) & (forms.middle[right] > 0)
        same_first = forms.first[left] == forms.first[right]
        for one, other in ((left, right), (right, left)):
            told = forms.middle[one] > 0
            given = self._may_run_into(one, forms.first[one], forms.first[other])
            family = self._may_run_into(one, forms.last[one], forms.last[other])
            found |= told & np.where(same_first, family, given)
        return found

    def _may_run_into(self, one: Ids, own: Ids, other: Ids) -> Mask:
        """Whether the other's word may be among the middle names, or may be made of them and one's own."""
        words, middles, middle = self.words.sketches, self._middle_sketches, self.forms.middle[one]
        inside = (words.letters[other] & ~middles.letters[middle]) == 0
        around = (middles.letters[middle] & ~words.letters[other]) == 0
        fits = words.sizes[own] + middles.sizes[middle] == words.sizes[other]
        found: Mask = inside | (around & fits)
        return found

    @cached_property
    def _middle_sketches(self) -> Sketches:
        return sketches_of(self.forms.middles)

    def _make_near(self, found: Level, left: Ids, right: Ids) -> None:
        forms = self.forms
        unlike = np.isin(np.arange(len(self.levels)), [self.number[level] for level in UNLIKE])
        full = (forms.first > 0) & (forms.last > 0)
        at = where_true(unlike[found] & full[left] & full[right])
        first, last, other_first, other_last = (
            part[side[at]] for side in (left, right) for part in (forms.first, forms.last)
        )
        near = self._are_alike(first, other_first, last, other_last)
        crossed = where_true(~near)
        near[crossed] = self._are_alike(first[crossed], other_last[crossed], last[crossed], other_first[crossed])
        at, first, other_first = at[near], first[near], other_first[near]
        two = by_value(first, other_first, lambda a, b: are_two_names(self.words.texts[a], self.words.texts[b]))
        found[at[two == 0]] = self.number["near"]

    def _are_alike(self, one: Ids, other: Ids, second: Ids, other_second: Ids) -> Mask:
        """Whether both are: one and the other, the second and the other second."""
        words = self.words
        found = alike(words.texts, words.sketches, one, other, LIKENESS)
        at = where_true(found)
        found[at] = alike(words.texts, words.sketches, second[at], other_second[at], LIKENESS)
        return found


def _by_words(judge: Callable[[Words, Numbers, Numbers], Level], words: Words, left: Ids, right: Ids) -> Level:
    one, other, places = distinct(left, right)
    return judge(words, one, other)[places]


def _suffixes(left: Ids, right: Ids) -> Level:
    found = np.full(len(left), SUFFIX.index("one"), np.uint8)
    found[(left > 0) & (right > 0)] = SUFFIX.index("other")
    same = left == right
    found[same] = np.where(left[same] > 0, SUFFIX.index("same"), SUFFIX.index("missing"))
    return found


@cache
def _joined(levels: tuple[str, ...]) -> NDArray[np.uint8]:
    """The joint level of every combination of a first, a last, a middle and a suffix level."""
    number = {level: at for at, level in enumerate(levels)}
    domains = [DOMAINS["first"], DOMAINS["last"], MIDDLE, SUFFIX]
    found = np.empty([len(domain) for domain in domains], np.uint8)
    for place in np.ndindex(found.shape):
        first, last, middle, suffix = (domain[at] for domain, at in zip(domains, place, strict=True))
        found[place] = number[joint(first, last, "no", middle, suffix)]
    return found
