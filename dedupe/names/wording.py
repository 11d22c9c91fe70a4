"""From a text to its folded words: nicknames in quotes left out, particles joined, titles and suffixes taken off."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache

from dedupe.names.script import to_ascii
from dedupe.names.words import DEGREES, GIVEN_PARTICLES, PARTICLES, SUFFIXES, TITLES, TITLES_BEFORE_A_NAME

Words = tuple[str, ...]

_NOT_PLAIN = re.compile(r"[^a-z ]")
_ASIDE = re.compile(r"\"[^\"]*\"|\([^)]*\)|\[[^]]*\]|(?<!\S)'[^']*'(?!\S)")
_INITIALS = re.compile(r"(?:[a-z]\.-?){2,}[a-z]?\Z|[a-z]\.[a-z]\Z")
_LEFT_OUT = re.compile(r"[^a-z0-9-]")
_HYPHENS = re.compile(r"-{2,}")
_JOINERS = frozenset("yei")


@lru_cache(maxsize=65_536)
def words_of(text: str) -> Words:
    """The folded words of a text, with & as a word of its own; a hyphen stays inside its word."""
    plain = to_ascii(text)
    if not _NOT_PLAIN.search(plain):
        return tuple(plain.split())
    plain = _ASIDE.sub(" ", plain).replace("&", " & ").replace("+", " & ").replace(",", " ").replace("/", " & ")
    return tuple(word for part in plain.split() for word in _folded(part) if word)


def _folded(part: str) -> Sequence[str]:
    if part == "&":
        return (part,)
    if _INITIALS.match(part):
        return [letter for letter in part if letter.isalpha()]
    return (_HYPHENS.sub("-", _LEFT_OUT.sub("", part)).strip("-"),)


def given_words(words: Words) -> Words:
    """First and middle names: de los Angeles is one word where it is not the first, Abdul Rahman also there."""
    joined = _joined(words, lambda at, word: (at > 0 and len(word) > 1) or word in GIVEN_PARTICLES)
    return without_titles(joined)


@lru_cache(maxsize=65_536)
def family_words(words: Words) -> Words:
    """Parts of a surname, hyphens and blanks alike: de la Cruz Lopez is delacruz, lopez; Ortega y Gasset two."""
    parts = [part for word in words for part in word.split("-")]
    joined = _joined(parts, lambda _at, _word: True)
    return tuple(word for at, word in enumerate(joined) if not (0 < at < len(joined) - 1 and word in _JOINERS))


def _joined(words: Sequence[str], may_join: Callable[[int, str], bool]) -> Words:
    """A particle goes with the word after it, and so does what particles make together."""
    found, held = [], ""
    for at, word in enumerate(words):
        whole = held + word
        if at < len(words) - 1 and any(part in PARTICLES and may_join(at, part) for part in (word, whole)):
            held = whole
        else:
            found.append(whole)
            held = ""
    return tuple(found)


def without_titles(words: Words, *, more: bool = False) -> Words:
    """Titles at the start taken off; those that are also something else only where a name follows (`more`)."""
    start = 0
    while start < len(words) and (
        words[start] in TITLES or (words[start] in TITLES_BEFORE_A_NAME and (more or start + 1 < len(words)))
    ):
        start += 1
    return words[start:]


def without_suffix(words: Words) -> tuple[Words, str]:
    """Generation and degrees at the end taken off, where something is left; the generation, or ""."""
    suffix, end = "", len(words)
    while end > 1 and (words[end - 1] in SUFFIXES or words[end - 1] in DEGREES):
        end -= 1
        suffix = SUFFIXES.get(words[end], suffix)
    return words[:end], suffix
