"""Sketches of texts: from their letters and length alone, which of many pairs cannot be alike. Never the other way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import OSA, JaroWinkler
from rapidfuzz.process import cpdist

from dedupe.engine.coding import Ids, Mask, where_true

Numbers = NDArray[np.int64] | Ids

AT_ONCE = 100_000
"""Texts sketched at once, so that what is needed on the way stays small."""

_KNOWN = "abcdefghijklmnopqrstuvwxyz0123456789.@_+"
_IDLE = "- \n"
"""Signs that some rules overlook: no sketch has them."""


def _bits() -> NDArray[np.uint64]:
    bits = np.full(256, 1 << len(_KNOWN), np.uint64)
    for place, sign in enumerate(_KNOWN):
        bits[ord(sign)] = 1 << place
    for sign in _IDLE:
        bits[ord(sign)] = 0
    return bits


_BITS = _bits()


@dataclass(slots=True)
class Sketches:
    """By text: which signs it has, one bit each, how many, the first and the last, all without hyphens and blanks; and
    whether it has none of these."""

    letters: NDArray[np.uint64]
    sizes: NDArray[np.int32]
    firsts: NDArray[np.uint8]
    lasts: NDArray[np.uint8]
    plain: Mask


def sketches_of(texts: Sequence[str]) -> Sketches:
    parts = [_sketches(texts[at : at + AT_ONCE]) for at in range(0, max(len(texts), 1), AT_ONCE)]
    if len(parts) == 1:
        return parts[0]
    return Sketches(
        np.concatenate([part.letters for part in parts]),
        np.concatenate([part.sizes for part in parts]),
        np.concatenate([part.firsts for part in parts]),
        np.concatenate([part.lasts for part in parts]),
        np.concatenate([part.plain for part in parts]),
    )


def _sketches(texts: Sequence[str]) -> Sketches:
    """Every text with a line's end behind it; what is not ASCII is one sign for each letter, too."""
    whole = "\n".join([*texts, ""])
    if whole.count("\n") != len(texts):
        return _sketches([text.replace("\n", "?") for text in texts])
    lines = whole.replace("-", "").replace(" ", "")
    signs = np.frombuffer(lines.encode("ascii", "replace"), np.uint8)
    ends = where_true(signs == ord("\n"))
    begins = np.zeros(len(ends), np.int64)
    begins[1:] = ends[:-1] + 1
    letters = np.bitwise_or.reduceat(_BITS[signs], begins) if len(begins) else np.zeros(0, np.uint64)
    sizes = (ends - begins).astype(np.int32)
    plain = sizes == np.fromiter(map(len, texts), np.int32, len(texts))
    return Sketches(letters, sizes, signs[begins], signs[ends - 1], plain)


def fewest_edits(
    sketches: Sketches, left: Numbers, right: Numbers, others: Sketches | None = None
) -> NDArray[np.int32]:
    """So many edits (a letter more, less or other, two swapped) lie between two texts at least, hyphens aside.

    `right` are numbers of `others`, where there are any.
    """
    others = others or sketches
    one, other = sketches.letters[left], others.letters[right]
    found: NDArray[np.int32] = np.abs(sketches.sizes[left] - others.sizes[right])
    np.maximum(found, np.bitwise_count(one & ~other), out=found)
    np.maximum(found, np.bitwise_count(other & ~one), out=found)
    return found


def may_contain(sketches: Sketches, left: Numbers, right: Numbers) -> Mask:
    """Whether one text can be a part of the other."""
    one, other = sketches.letters[left], sketches.letters[right]
    found: Mask = ((one & ~other) == 0) | ((other & ~one) == 0)
    return found


def within_edits(texts: Sequence[str], sketches: Sketches, left: Numbers, right: Numbers, farthest: int) -> Mask:
    """Whether at most so many edits lie between two texts."""
    found = fewest_edits(sketches, left, right) <= farthest
    at = where_true(found)
    if len(at):
        found[at] = cpdist(*_both(texts, left[at], right[at]), scorer=OSA.distance, score_cutoff=farthest) <= farthest
    return found


def alike(texts: Sequence[str], sketches: Sketches, left: Numbers, right: Numbers, least: float) -> Mask:
    """Whether the likeness of Jaro and Winkler is at least so much."""
    found = _may_be_alike(sketches, left, right, least)
    found |= left == right
    at = where_true(found & (left != right))
    if len(at):
        told = cpdist(*_both(texts, left[at], right[at]), scorer=JaroWinkler.similarity, score_cutoff=least)
        found[at] = told > 0
    return found


def _may_be_alike(sketches: Sketches, left: Numbers, right: Numbers, least: float) -> Mask:
    """Jaro's measure is highest when all letters in common stand in order; Winkler adds for what begins alike."""
    one, other = sketches.letters[left], sketches.letters[right]
    size, other_size = sketches.sizes[left], sketches.sizes[right]
    common = np.minimum(size - np.bitwise_count(one & ~other), other_size - np.bitwise_count(other & ~one))
    jaro = (common / np.maximum(size, 1) + common / np.maximum(other_size, 1) + 1) / 3
    begun = sketches.firsts[left] == sketches.firsts[right]
    highest = np.where(begun, jaro + 0.4 * (1 - jaro), jaro)
    found: Mask = (highest >= least - 0.001) | ~(sketches.plain[left] & sketches.plain[right])
    return found


def _both(texts: Sequence[str], left: Numbers, right: Numbers) -> tuple[list[str], list[str]]:
    return [texts[one] for one in left.tolist()], [texts[one] for one in right.tolist()]
