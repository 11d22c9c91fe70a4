"""The comparable form of a name: its parts, folded, each in its slot."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from dedupe.names.script import split_without_blank
from dedupe.names.unusual import couple_of, has_hint, is_organisation, may_be_dotted_company, names_two
from dedupe.names.wording import Words, family_words, given_words, without_suffix, without_titles, words_of
from dedupe.names.words import SUFFIXES, SURE_AND
from mapping.models import Name


@dataclass(frozen=True, slots=True)
class NameForm:
    """Lower-case ASCII letters and digits, "" where missing; never a key, evidence only.

    A hyphen joins the parts of a double name (mary-jane, garcia-lopez), a blank the middle names; particles are
    one with the word after them (vanderberg). `suffix` is jr, sr, ii, iii or iv. `partner` is the first name of the
    other of a couple, "*" where it is not told. With an `organisation` all else is "".
    """

    first: str = ""
    middle: str = ""
    last: str = ""
    suffix: str = ""
    partner: str = ""
    organisation: str = ""


NAMELESS = NameForm()


Parts = tuple[str, str, str, str, str, str]
"""The fields of a NameForm, in their order."""


def form_of(name: Name | None) -> NameForm:
    """The form of a name; NAMELESS for None. Equal for the same name in another case, with other accents or marks."""
    return NameForm(*parts_of(name)) if name else NAMELESS


def parts_of(name: Name) -> Parts:
    """The same as a plain tuple, which is made much faster."""
    first, last = name.first, name.last
    if first and last and not name.middle and not name.suffix and name.full == f"{first} {last}":
        given, family = _plain_first(first), _plain_last(last)
        if given and family:
            return given, "", family, "", "", ""
    return _parts(name.full, first, name.middle, last, name.suffix)


@lru_cache(maxsize=65_536)
def _plain_first(first: str) -> str:
    """A first name of one word that is the same beside every plain surname; else ""."""
    words = words_of(first)
    if len(words) != 1 or has_hint(words) or first[:2] in ("M.", "m."):
        return ""
    return words[0] if given_words(without_titles(words, more=True)) == words else ""


@lru_cache(maxsize=65_536)
def _plain_last(last: str) -> str:
    """A surname without more that is the same beside every plain first name; else ""."""
    words = words_of(last)
    if has_hint(words) or last.endswith((".", "/A", "/a")):
        return ""
    family, suffix = _family(words)
    return "" if suffix or " ".join(family) in SUFFIXES else "-".join(family)


@lru_cache(maxsize=65_536)
def _parts(full: str, first: str, middle: str, last: str, suffix: str) -> Parts:
    if not (first or middle or last or suffix):
        first, middle, last = _guessed(full)
    form = _unusual(full, first, middle, last, suffix) or _of_one_person(first, middle, last, suffix)
    return form.first, form.middle, form.last, form.suffix, form.partner, form.organisation


def _guessed(full: str) -> tuple[str, str, str]:
    words = full.split()
    return " ".join(words[:1]), " ".join(words[1:-1]), " ".join(words[1:][-1:])


def _unusual(full: str, first: str, middle: str, last: str, suffix: str) -> NameForm | None:
    """An organisation's or a couple's form, else None."""
    parsed = full != " ".join(part for part in (first, middle, last, suffix) if part)
    if parsed:
        hinted = has_hint(words_of(full))
    else:
        hinted = has_hint(words_of(first)) or has_hint(words_of(last)) or (bool(middle) and has_hint(words_of(middle)))
    dotted = full.endswith((".", "/A", "/a")) and may_be_dotted_company(full)
    weak = names_two(first, full, parsed=parsed)
    if not (hinted or dotted or weak):
        return None
    words = words_of(full)
    if is_organisation(full, words):
        return NameForm(organisation="".join(word for word in words if word != "&").replace("-", ""))
    couple = couple_of(first, last, full, parsed=parsed, weak=weak)
    if couple is None:
        return None
    return NameForm(couple.first, "", "-".join(couple.last), couple.suffix, couple.partner)


def _of_one_person(first: str, middle: str, last: str, suffix: str) -> NameForm:
    together = split_without_blank(first or last) if not (middle or (first and last)) else None
    if together:
        return NameForm(first=together[1], last=together[0])
    family, by_family = _family(words_of(last))
    given, by_given = _given(first, words_of(middle), family)
    if len(given) > 1 and len(family) == 1 and family[0] in SUFFIXES:
        (given, _), family, by_family = without_suffix(given[:-1]), given[-1:], SUFFIXES[family[0]]
    if not given:
        family = without_titles(family) or family
    by_field = next((SUFFIXES[word] for word in words_of(suffix) if word in SUFFIXES), "") if suffix else ""
    return NameForm(
        first=given[0] if given else "",
        middle=" ".join(given[1:]),
        last="-".join(family),
        suffix=by_field or by_family or by_given,
    )


@lru_cache(maxsize=65_536)
def _family(words: Words) -> tuple[Words, str]:
    """Suffixes are looked for before particles are joined, which could make one, and after."""
    words, outer = without_suffix(_without_and(words))
    words, inner = without_suffix(family_words(words))
    return words, outer or inner


def _given(first: str, middle: Words, family: Words) -> tuple[Words, str]:
    words = _without_and(words_of(first) + middle)
    if _is_monsieur(first, words, family):
        words = words[1:]
    words, suffix = without_suffix(without_titles(words, more=bool(family)))
    return given_words(words), suffix


def _without_and(words: Words) -> Words:
    return words if SURE_AND.isdisjoint(words) else tuple(word for word in words if word not in SURE_AND)


def _is_monsieur(first: str, words: Words, family: Words) -> bool:
    """M. Dupont and M. Jean Dupont, but not M. J. Dupont and not M Dupont."""
    if first[:2] not in ("M.", "m.") or first[2:3].strip():
        return False
    following = words[1:2] or family[:1]
    return bool(following) and len(following[0]) > 1
