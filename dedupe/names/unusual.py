"""Names that are not one person's: companies, role mailboxes, couples and families in one field."""

from __future__ import annotations

import re
from dataclasses import dataclass

from dedupe.names.frequency import first_class, last_class
from dedupe.names.script import to_ascii
from dedupe.names.wording import Words, family_words, given_words, without_suffix, without_titles, words_of
from dedupe.names.words import AND_BETWEEN_FIRST_NAMES, COMPANY_WORDS, FAMILY, ROLE_WORDS, SURE_AND

ANYBODY = "*"
"""The partner whose name is not told: Mr & Mrs Silva."""

_HINTS = SURE_AND | COMPANY_WORDS | ROLE_WORDS | FAMILY
_DOTTED = re.compile(
    r"(?:\b(?:s\.\s?a\.|s\.\s?r\.\s?l\.?|s\.\s?p\.\s?a\.?|s\.\s?l\.|b\.\s?v\.|n\.\s?v\.|e\.\s?v\.|co\.)|\bs/a|& co)"
    r"\s*\Z"
)
_BETWEEN_FIRST_NAMES = re.compile(r"\S\s(?:e|y|i|en|og|och)\s\S")
_TWO_FIRST_NAMES = re.compile(r"\S+\s(?:e|y|i|en|og|och)\s\S+\Z")


@dataclass(frozen=True, slots=True)
class Couple:
    """Two people in one field. `partner` is the other's first name, or ANYBODY."""

    first: str
    last: Words
    suffix: str
    partner: str


def has_hint(words: Words) -> bool:
    """Whether a closer look at the whole name is worth its while."""
    return not _HINTS.isdisjoint(words)


def may_be_dotted_company(text: str) -> bool:
    return bool(_DOTTED.search(to_ascii(text)))


def is_organisation(full: str, words: Words) -> bool:
    if not COMPANY_WORDS.isdisjoint(words):
        return True
    return bool(words) and (ROLE_WORDS.issuperset(words) or may_be_dotted_company(full))


def names_two(first: str, full: str, *, parsed: bool) -> bool:
    """A lower-case e, y, i, en, og or och between first names; in a whole name only where there is nothing else."""
    return bool(_BETWEEN_FIRST_NAMES.search(first)) or (parsed and bool(_TWO_FIRST_NAMES.match(full)))


def couple_of(first: str, last: str, full: str, *, parsed: bool, weak: bool) -> Couple | None:
    """The two of a couple's name; `weak` where e, y, i and their like are to be read as and. None for one person."""
    conjunctions = SURE_AND | AND_BETWEEN_FIRST_NAMES if weak else SURE_AND
    inside = None if parsed else _halves(words_of(first), conjunctions)
    if inside and words_of(last) and SURE_AND.isdisjoint(words_of(last)):
        return _sharing(*inside, words_of(last))
    halves = _halves(words_of(full), conjunctions)
    return _two(*halves) if halves else _family(words_of(full))


def _halves(words: Words, conjunctions: frozenset[str]) -> tuple[Words, Words] | None:
    """What stands before the first conjunction and what after it, neither empty."""
    at = next((at for at, word in enumerate(words) if word in conjunctions), 0)
    right = tuple(word for word in words[at + 1 :] if word not in SURE_AND)
    return (words[:at], right) if at and right else None


def _sharing(left: Words, right: Words, last: Words) -> Couple:
    """First names before and after the conjunction, one surname in its own field."""
    one, other = given_words(without_titles(left)), given_words(without_titles(right))
    last, suffix = without_suffix(last)
    first, partner = (one or other or ("",))[0], other[0] if one and other else ANYBODY
    return Couple(first, family_words(last), suffix, partner)


def _two(left: Words, right: Words) -> Couple:
    """Each half a name by itself, the first without a surname where it is the other's."""
    right, suffix = without_suffix(right)
    one, other = without_titles(left, more=True), without_titles(right)
    if not one:
        return Couple(_first(other), _last(other) or family_words(other[-1:]), suffix, ANYBODY)
    if len(one) == 1:
        if one != left and other != right and len(other) == 1:
            return Couple("", family_words(one), suffix, ANYBODY)
        return Couple(one[0], _last(other), suffix, other[0] if other else ANYBODY)
    shared = len(other) > 1 and first_class(one[-1]) > last_class(one[-1])
    return Couple(one[0], _last(other if shared else one), suffix, other[0] if other else ANYBODY)


def _first(words: Words) -> str:
    return words[0] if len(words) > 1 else ""


def _last(words: Words) -> Words:
    """The surname of a name whose first word is a first name."""
    return family_words(words[1:])[-1:]


def _family(words: Words) -> Couple | None:
    """The Silva Family, Familie Silva."""
    rest = words[1:] if words[:1] == ("the",) else words
    if len(rest) < 2 or not (rest[0] in FAMILY or rest[-1] in FAMILY):
        return None
    last = rest[1:] if rest[0] in FAMILY else rest[:-1]
    return Couple("", family_words(last), "", ANYBODY)
