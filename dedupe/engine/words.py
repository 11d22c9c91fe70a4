"""Plain words for judged pairs: every level of every comparison, and the reason of a judgement in a few sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from unicodedata import name

from dedupe.engine.levels import BIRTH
from dedupe.engine.verdicts import Comparison, Judgement, Verdict
from dedupe.engine.weights import Model
from dedupe.names.frequency import told, told_first

WORDS: Mapping[str, Mapping[str, str]] = {
    "name": {
        "missing": "no name to compare",
        "same, rare": "{alike}{rarity}",
        "same": "{alike}{rarity}",
        "same, common": "{alike}{rarity}",
        "nickname": "the family name is the same, the first names are {first} and {other first}: forms of one name",
        "initial": "the family name is {family}, one first name is only an initial: {first} and {other first}",
        "similar": "the names differ only by a slip: {left} and {right}",
        "near": "the names are alike, but more than a slip apart: {left} and {right}",
        "swapped": "the same name with first and family name exchanged: {left} and {right}",
        "middle": "the first name of one is the middle name of the other: {left} and {right}",
        "part": "one family name is a part of the other: {left} and {right}",
        "organisation same": "the same organisation",
        "partner": "one first name is that of the other's partner",
        "first only": "only a first name to compare, which is the same: {left} and {right}",
        "last only": "only a family name to compare, which is {family}: {left} and {right}",
        "same first, other last": "the first name is the same, the family names are different: {left} and {right}",
        "suffix": "the same name, but only one has Jr, Sr or a number behind it: {left} and {right}",
        "other middle": "the same first and family name, but different middle names: {left} and {right}",
        "other first, same last": "the family name is {family}, the first names are different: {left} and {right}",
        "other suffix": "the same name, but of two generations: {left} and {right}",
        "organisation other": "two organisations, or an organisation and a person: {left} and {right}",
        "other": "different names: {left} and {right}",
    },
    "email": {
        "missing": "no e-mail address to compare",
        "same": "the same e-mail address{shared}",
        "same box": "e-mail addresses of one mailbox{both}",
        "same role": "the same e-mail address, but that of a desk and not of a person{shared}",
        "look-alike": "e-mail addresses that look alike but are not the same{both}{foreign}",
        "same local": "e-mail addresses that are the same before the @{both}",
        "same local, plain": "e-mail addresses that are the same before the @, but of letters only{both}",
        "typo": "e-mail addresses that differ only by a slip{both}",
        "near": "e-mail addresses that are alike, but of two mailboxes{both}",
        "different": "different e-mail addresses",
    },
    "phone": {
        "missing": "no phone number to compare",
        "same": "the same phone number{shared}",
        "extension": "the same phone number, but not the same extension{both}",
        "typo": "phone numbers that differ only by a slip{both}",
        "different": "different phone numbers",
    },
    "identifier": {
        "missing": "no number of one kind to compare",
        "same": "the same identifier{shared}",
        "typo": "identifiers of one kind that differ only by a slip{both}",
        "different": "different identifiers of one kind{both}",
    },
    "birth": {
        "missing": "no dates of birth to compare",
        "same": "born on the same day{shared}",
        "close": "dates of birth that differ by one digit, or by day and month exchanged{both}",
        "near": "dates of birth of which only a part is different{both}",
        "alike": "born on different days, though the dates are a little alike{both}",
        "different": "born on different days{both}",
    },
    "address": {
        "missing": "no addresses to compare",
        "same": "the same address",
        "same but unit": "the same house, other flat, or the house next door",
        "similar": "the same house, but for a slip in the address",
        "same street": "the same street",
        "same postcode": "addresses that have only the postcode in common",
        "same city": "addresses that have only the city in common",
        "different": "different addresses",
    },
    "company": {
        "missing": "no companies to compare",
        "same": "the same company",
        "different": "different companies",
    },
    "spelling": {
        "missing": "no e-mail address that spells the other's name",
        "a rare name": "the e-mail address of one spells the name of the other, a rare one",
        "the name": "the e-mail address of one spells the name of the other",
        "a common name": "the e-mail address of one spells the name of the other, a common one",
    },
}
"""By comparison and level. The fields in braces are those of `_said`."""

_KINDS = {"email": "e-mail address", "phone": "phone number", "identifier": "identifier"}
_RARITIES = {"same, rare": ("rare",), "same, common": ("very common", "common")}
_ROMAN = frozenset(("ii", "iii", "iv"))
_SUFFIXES = _ROMAN | {"jr", "sr"}
_UNTOLD = "*"


@dataclass(frozen=True, slots=True)
class Unused:
    """A value that both sides hold, but too many others do as well."""

    kind: str
    holders: int


def words(one: Comparison) -> str:
    """A level in plain words, for what the two sides show."""
    sides = (one.left, one.right)
    said = _said_of_names(one.level, *sides) if one.field == "name" else _said_of_values(*sides)
    return WORDS[one.field][one.level].format_map(said)


def reason(verdict: Verdict, model: Model, unused: Sequence[Unused] = ()) -> str:
    """Up to three sentences: what speaks for one person, what against, and what follows from it.

    It tells what the records say, so it is made when asked for and not kept.
    """
    if verdict.judgement is Judgement.MERGED:
        return "A person decided that they are one."
    if verdict.judgement is Judgement.APART:
        return "A person decided that they are not one."
    return " ".join(part for part in (evidence(verdict, unused), _consequence(verdict, model)) if part)


def evidence(verdict: Verdict, unused: Sequence[Unused] = ()) -> str:
    """What speaks for one person and what against, the weightiest first; "" where nothing does either."""
    loudest = sorted(verdict.comparisons, key=lambda one: -abs(one.weight))
    contra = [words(one) for one in loudest if one.weight < 0]
    contra += map(not_used, unused)
    pro = [words(one) for one in loudest if one.weight > 0]
    return " ".join(part for part in (_sentence("For it", pro), _sentence("Against it", contra)) if part)


def not_used(one: Unused) -> str:
    return f"{_KINDS[one.kind]} shared by {one.holders} people: not used"


def _sentence(opening: str, parts: Sequence[str]) -> str:
    return f"{opening}: {'; '.join(parts)}." if parts else ""


def _consequence(verdict: Verdict, model: Model) -> str:
    if verdict.judgement is Judgement.AUTOMATIC:
        return "That is enough: they are merged without asking."
    if verdict.judgement is Judgement.LIKELY:
        why = f"{_forbidding(verdict)} are never merged without asking" if verdict.conflict else "That is not enough"
        return f"{why}: a person should look."
    if not verdict.comparisons:
        return "There is nothing to compare: they stay apart."
    if verdict.weight >= model.likely:
        return "But nothing that records are looked up by is exactly the same: they stay apart."
    if all(one.weight <= 0 for one in verdict.comparisons):
        return "Nothing speaks for one person: they stay apart."
    is_against = sum(one.weight for one in verdict.comparisons) < 0
    return f"{'More speaks against it' if is_against else 'That is too little'}: they stay apart."


def _forbidding(verdict: Verdict) -> str:
    levels = {one.field: one.level for one in verdict.comparisons}
    if levels.get("birth") in BIRTH[BIRTH.index("alike") :]:
        return "People born on different days"
    return "Such names"


def _said_of_values(left: str, right: str) -> dict[str, str]:
    """`shared`: what both sides hold; `both`: the two values. Empty where there is not exactly one of each."""
    one, other = left.split(", "), right.split(", ")
    common = [value for value in one if value in other]
    return {
        "shared": f", {_shown(common[0])}" if len(common) == 1 and common[0] else "",
        "both": f": {_shown(left)} and {_shown(right)}" if len(one) == len(other) == 1 and left and right else "",
        "foreign": _foreign(left, right),
    }


def _foreign(left: str, right: str) -> str:
    """The letters that only one side has and that are none of the plain ones, by name: the eye cannot tell them."""
    odd = sorted({char for char in left + right if not char.isascii() and (char in left) != (char in right)})
    told_apart = ", ".join(f"{char} is a {name(char, 'letter without a name').lower()}" for char in odd)
    return f" ({told_apart})" if odd else ""


def _shown(value: str) -> str:
    """An identifier as "loyalty 4711"; everything else as it is."""
    return value if "@" in value else value.replace("=", " ", 1)


def _said_of_names(level: str, left: str, right: str) -> dict[str, str]:
    one, other = _name_words(left), _name_words(right)
    shown, other_shown = " ".join(map(_capital, one)), " ".join(map(_capital, other))
    return {
        "left": shown,
        "right": other_shown,
        "first": _capital(one[0]) if one else "",
        "other first": _capital(other[0]) if other else "",
        "alike": f"the same name, {shown}" if one == other else f"the same name, written {shown} and {other_shown}",
        "family": "the same" if set(one[1:] or one) & set(other[1:] or other) else "alike",
        "rarity": _rarity(level, one, other),
    }


def _name_words(shown: str) -> list[str]:
    return [word for word in shown.split() if word != _UNTOLD]


def _capital(word: str) -> str:
    return word.upper() if word in _ROMAN else word.title()


def _rarity(level: str, one: Sequence[str], other: Sequence[str]) -> str:
    """How common the name is, in brackets, by the part of it that makes it so. Where more than two words could be the
    family name nothing is said.
    """
    family = {word for word in one[1:] if word not in _SUFFIXES}
    shared = family & set(other[1:]) or family
    if len(shared) != 1:
        return ""
    parts = (told(*shared), told_first(one[0]))
    telling = [part for part in parts if part.startswith(_RARITIES.get(level, ""))]
    return f" ({telling[0]})" if telling else ""
