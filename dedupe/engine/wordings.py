"""Levels of many pairs of first names and of surnames: plain rules for all at once, the rest one by one.

What is decided here for many at once is what `dedupe.names.levels` says of each; only pairs that cannot be anything
but "other" are kept from it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from dedupe.engine.coding import Ids, Mask, code, where_true
from dedupe.engine.sketches import Numbers, Sketches, fewest_edits, may_contain, sketches_of
from dedupe.engine.spreading import Level, spread_out
from dedupe.names.joint import DOMAINS
from dedupe.names.levels import first_level, is_known, last_level
from dedupe.names.nicknames import forms_of
from dedupe.names.spelling import sound_key

FIRST, LAST = DOMAINS["first"], DOMAINS["last"]

MOST_PARTS = 4
"""Parts of a double name that are looked at all at once."""


@dataclass(frozen=True, slots=True)
class Forms:
    """The forms of each word: how many it has, and where they begin among the sketches."""

    counts: NDArray[np.int64]
    begins: NDArray[np.int64]
    sketches: Sketches


@dataclass
class Words:
    """Distinct words of names and what the rules ask of each; number 0 is ""."""

    texts: list[str]

    @cached_property
    def sketches(self) -> Sketches:
        return sketches_of(self.texts)

    @property
    def sounds(self) -> Ids:
        """Equal for words that sound alike."""
        return self._sounds[:, -1]

    @cached_property
    def known(self) -> Mask:
        """First names that are in the tables."""
        return np.fromiter((bool(text) and is_known(text) for text in self.texts), np.bool_, len(self.texts))

    @cached_property
    def formed(self) -> Mask:
        """First names of which there are other forms."""
        return np.fromiter((bool(forms_of(text)) for text in self.texts), np.bool_, len(self.texts))

    @cached_property
    def forms(self) -> Forms:
        found = [sorted(forms_of(text)) for text in self.texts]
        counts = np.fromiter(map(len, found), np.int64, len(found))
        sketches = sketches_of([form for forms in found for form in forms])
        return Forms(counts, np.cumsum(counts) - counts, sketches)

    @cached_property
    def double(self) -> Mask:
        return np.fromiter(("-" in text for text in self.texts), np.bool_, len(self.texts))

    @cached_property
    def nicknames(self) -> NDArray[np.int64]:
        """Codes of the pairs of words that are forms of one name, sorted."""
        number = {self.texts[one]: one for one in where_true(self.formed).tolist()}
        return np.sort(
            np.array(
                [
                    one << 32 | other
                    for text, one in number.items()
                    for form in forms_of(text)
                    if (other := number.get(form, 0)) > one
                ],
                np.int64,
            )
        )

    def share_a_part(self, left: Numbers, right: Numbers) -> Mask:
        """Whether a part of one, or the whole, may sound like a part of the other, or its whole."""
        one, other = self._sounds[left], self._sounds[right]
        found: Mask = self._manifold[left] | self._manifold[right]
        for column in range(one.shape[1]):
            mine = one[:, column : column + 1]
            found |= ((mine == other) & (mine >= 0)).any(axis=1)
        return found

    @cached_property
    def _sounds(self) -> Ids:
        """By word: the sounds of its first parts if it is a double name, -1 where there are no more; then its own."""
        count = len(self.texts)
        parts = [
            (number, at, part)
            for number in where_true(self.double).tolist()
            for at, part in enumerate(self.texts[number].split("-")[:MOST_PARTS])
        ]
        sounds = code([*map(sound_key, self.texts), *(sound_key(part) for _, _, part in parts)]).ids
        found = np.full((count, MOST_PARTS + 1), -1, np.int32)
        found[:, -1] = sounds[:count]
        found[[number for number, _, _ in parts], [at for _, at, _ in parts]] = sounds[count:]
        return found

    @cached_property
    def _manifold(self) -> Mask:
        return np.fromiter((text.count("-") >= MOST_PARTS for text in self.texts), np.bool_, len(self.texts))


def levels_of_firsts(words: Words, left: Numbers, right: Numbers) -> Level:
    """`first_level` of distinct pairs of words, as numbers into FIRST."""
    found, open_ = _plain_levels(left, right, FIRST)
    sketches = words.sketches
    short = open_ & ((sketches.sizes[left] == 1) | (sketches.sizes[right] == 1))
    nickname = open_ & _is_among(words.nicknames, _codes(left, right))
    same = open_ & (words.sounds[left] == words.sounds[right])
    found[nickname] = FIRST.index("nickname")
    found[same] = FIRST.index("same")
    open_ &= ~(nickname | same | (words.known[left] & words.known[right])) | short
    begun = sketches.firsts[left] == sketches.firsts[right]
    near = (fewest_edits(sketches, left, right) <= 1) | (begun & may_contain(sketches, left, right))
    double = words.double[left] | words.double[right]
    near |= double & (begun | words.share_a_part(left, right))
    near |= short
    at = where_true(open_ & ~near)
    near[at] = _slips_into_a_form(words, left[at], right[at]) | _slips_into_a_form(words, right[at], left[at])
    return _with_rule(words, left, right, found, open_ & near, first_level, FIRST)


def _slips_into_a_form(words: Words, own: Numbers, other: Numbers) -> Mask:
    """Whether one may be a slip of a form of the other."""
    forms = words.forms
    at = where_true(words.formed[other])
    numbers = other[at]
    line, within = spread_out(forms.counts[numbers])
    form, word = forms.begins[numbers][line] + within, own[at][line]
    found = np.zeros(len(own), np.bool_)
    found[at[line[fewest_edits(words.sketches, word, form, forms.sketches) <= 1]]] = True
    return found


def levels_of_lasts(words: Words, left: Numbers, right: Numbers) -> Level:
    """`last_level` of distinct pairs of words, as numbers into LAST."""
    found, open_ = _plain_levels(left, right, LAST)
    sketches = words.sketches
    same = open_ & (words.sounds[left] == words.sounds[right])
    found[same] = LAST.index("same")
    ended = sketches.lasts[left] == sketches.lasts[right]
    near = (fewest_edits(sketches, left, right) <= 1) | (ended & may_contain(sketches, left, right))
    double = words.double[left] | words.double[right]
    at = where_true(double & ~near)
    near[at] = words.share_a_part(left[at], right[at])
    return _with_rule(words, left, right, found, open_ & ~same & near, last_level, LAST)


def _plain_levels(left: Numbers, right: Numbers, levels: Sequence[str]) -> tuple[Level, Mask]:
    """missing and same; what is open, is "other" to begin with."""
    missing, same = (left == 0) | (right == 0), left == right
    found = np.full(len(left), levels.index("other"), np.uint8)
    found[same] = levels.index("same")
    found[missing] = levels.index("missing")
    return found, ~(missing | same)


def _with_rule(
    words: Words,
    left: Numbers,
    right: Numbers,
    found: Level,
    chosen: Mask,
    rule: Callable[[str, str], str],
    levels: Sequence[str],
) -> Level:
    number = {level: at for at, level in enumerate(levels)}
    texts, at = words.texts, where_true(chosen)
    pairs = zip(left[at].tolist(), right[at].tolist(), strict=True)
    found[at] = [number[rule(texts[one], texts[other])] for one, other in pairs]
    return found


def _codes(left: Numbers, right: Numbers) -> NDArray[np.int64]:
    return np.minimum(left, right).astype(np.int64) << 32 | np.maximum(left, right)


def _is_among(codes: NDArray[np.int64], some: NDArray[np.int64]) -> Mask:
    if not len(codes):
        return np.zeros(len(some), np.bool_)
    places = np.minimum(np.searchsorted(codes, some), len(codes) - 1)
    found: Mask = codes[places] == some
    return found
