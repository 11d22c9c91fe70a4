"""People's names. Evidence, never a key: parts are a best guess where the source gives only the whole."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import fields
from functools import lru_cache

from nameparser import HumanName, Lexicon

from mapping.build import whole_builder
from mapping.models import Name
from mapping.normalise import NotNormal
from mapping.normalise.text import clean, is_placeholder

MAX_NAME = 300
_FAMILIES = frozenset({"Null", "None", "Nil", "Nan"})
_JOINERS = re.compile("[\u200c\u200d]")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_SMALL = "van von der den de da di do dos das del della du la le el al bin ibn ter ten und y e"
_build = whole_builder(Name)
_PARTICLES = frozenset(_SMALL.split())
_CAPITAL, _SMALLS = "[A-ZÀ-ÖØ-ÞĀ-įĲ-ž]", "[a-zß-öø-ÿĀ-įĲ-ž]+"
_PLAIN_WORD = re.compile(rf"(?![IVXLCDMivxlcdm]+\Z){_CAPITAL}{_SMALLS}(?:[A-Z]{_SMALLS})?[0-9]*\Z")
"""A word of a name in the Latin script that is no numeral; machines put digits behind it."""
_INITIAL = re.compile(r"[A-Z]\.?\Z")


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()


_LEXICON = Lexicon.default()
_VOCABULARY = frozenset(
    word
    for field in fields(_LEXICON)
    for entry in getattr(_LEXICON, field.name)
    for word in re.split("[^a-z]+", _folded(str(entry).lower()))
)
"""Every word of which the library knows more than that it is a word: titles, particles, suffixes and all."""
_ROMAN = re.compile(r"[IVX]+\Z")


def name(*, full: str = "", first: str = "", middle: str = "", last: str = "", suffix: str = "") -> Name | None:
    """Given parts are kept as parts; a full name alone is parsed. None when all is empty; NotNormal when too long."""
    if len(full) + len(first) + len(middle) + len(last) + len(suffix) > MAX_NAME:
        raise NotNormal("too_long", f"a name of more than {MAX_NAME} characters")
    first, middle, last, suffix = _tidy(first), _tidy(middle), _tidy(last), _tidy(suffix)
    full = _tidy(full)
    if first or middle or last:
        whole = full or " ".join(part for part in (first, middle, last, suffix) if part)
        return _build({"full": whole, "first": first, "middle": middle, "last": last, "suffix": suffix})
    return _parsed(full) if full else None


def plain_name(parts: Mapping[str, str]) -> Name | None:
    """`name` of parts that are clean ASCII already, at a third of the time."""
    size = 0
    for text in parts.values():
        size += len(text)
        if text.isupper() or text.islower():
            return name(**parts)
    get = parts.get
    first, middle, last, suffix = get("first", ""), get("middle", ""), get("last", ""), get("suffix", "")
    if size > MAX_NAME or not (first or middle or last):
        return name(**parts)
    whole = get("full") or (
        f"{first} {last}"
        if first and last and not middle and not suffix
        else " ".join([part for part in (first, middle, last, suffix) if part])
    )
    return _build({"full": whole, "first": first, "middle": middle, "last": last, "suffix": suffix})


def says_no_name(text: str) -> bool:
    """N/A and kin, but not the words that, with one capital, are people's names."""
    return is_placeholder(text) and text not in _FAMILIES


def _tidy(text: str) -> str:
    if not text:
        return ""
    if not text.isascii():
        text = _JOINERS.sub("", text)
    text = clean(text)
    return recased(text) if text.isupper() or text.islower() else text


def _parsed(full: str) -> Name:
    words = full.split(" ")
    if len(words) > 3 or not (_are_plain(words) and _VOCABULARY.isdisjoint(map(_plain_letters, words))):
        return _by_the_library(full)
    first, *middle, last = words if len(words) > 1 else (full, "")
    return _build({"full": full, "first": first, "middle": "".join(middle), "last": last, "suffix": ""})


def _are_plain(words: list[str]) -> bool:
    """Whether these are words of which only their order says which part of the name they are."""
    *before, last = words
    return bool(_PLAIN_WORD.match(last)) and all(_PLAIN_WORD.match(word) or _INITIAL.match(word) for word in before)


def _plain_letters(word: str) -> str:
    lower = word.lower().rstrip(".")
    return lower if lower.isascii() else _folded(lower)


@lru_cache(maxsize=8_192)
def _by_the_library(full: str) -> Name:
    human = HumanName(full)
    parts = [_tidy(part) for part in (human.first, human.middle, human.last, human.suffix)]
    first, middle, last, suffix = parts
    shown = " ".join(part for part in parts if part) if "," in full and first else full
    return _build({"full": shown, "first": first, "middle": middle, "last": last, "suffix": suffix})


def recased(text: str) -> str:
    """SMITH, o'brien, MCDONALD, de la cruz as people write them: Smith, O'Brien, McDonald, de la Cruz."""
    words = text.split(" ")
    return " ".join(_recased_word(word, is_last=i == len(words) - 1) for i, word in enumerate(words))


def _recased_word(word: str, *, is_last: bool) -> str:
    if word.lower() in _PARTICLES and not is_last:
        return word.lower()
    if word.isupper() and (_ROMAN.match(word) or len(word) == 1):
        return word
    return _WORD.sub(lambda found: _capital(found[0]), word)


def _capital(word: str) -> str:
    lead, mark, rest = word.partition("'") if "'" in word else word.partition("’")
    if mark:
        # O'Brien and D'Angelo, but Ana's.
        return lead.capitalize() + mark + (rest.capitalize() if len(rest) > 1 else rest.lower())
    if len(word) > 3 and word[:2].lower() == "mc":
        return "Mc" + word[2:].capitalize()
    return word.capitalize()
