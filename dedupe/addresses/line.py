"""The line of the street: where the house is in it, which words are the street's, what else is in it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from dedupe.addresses.inside import DOOR_WORDS, taken_apart
from dedupe.addresses.street import street_of
from dedupe.addresses.words import DIRECTIONS, HOUSE_LAST_TOO, IDLE, NUMBERED, TYPES, language_of

Line = tuple[str, str, str, str]
"""House, street, unit, box."""

WIDEST_RANGE = 20
"""Houses that one address may span; beyond it, Canada's "204-345" is a unit and a house."""

_FRONT = re.compile(
    r"(?:(?:(?:unit|flat|apt|apartment) )?(\d{1,4}[a-z]?)/|(?:unit|flat|apt|apartment) (\d{1,4}[a-z]?)(?:, ?| ))?"
    r"(\d{1,5}[a-z]?(?: ?(?:bis|ter|quater)\b)?),? ([a-z][a-z' .-]*)\Z"
)
_FRONT_WITH_SIGN = re.compile(r"(?:u([1-9]\d{0,3})/)?(\d{1,5}) ([a-z][a-z' .-]*[a-z.])(?: #([1-9]\d{0,3}))?\Z")
_BEHIND = re.compile(r"([a-z][a-z' .-]*?)(?:[ ,]+n[or]?\.? ?|[ ,.]+)(\d{1,5}) ?([a-z])?\Z")
_TO_BLANKS = str.maketrans(".-", "  ")
_NUMBER = re.compile(r"(\d{1,6})(?:-(\d{1,6}))?([a-z]|bis|ter|quater|half)?\Z")
_KILOMETRE = re.compile(r"\bkm\.? ?(?=\d)")
_RANGE = re.compile(r"(\d[a-z]?) ?- ?(?=\d)")
_LOOSE_HYPHEN = re.compile(r"(?<![\da-z])-|-(?!\d)|(?<=[a-z]{2})-")
_NUMBER_WORD = re.compile(r"\b(?:no\.?|nr\.?|num\.?|number|numero|(?<!^)n\.?) ?(?=\d)|^n\.? ?(?=\d{1,5}[a-z]?$)")
_HALF = re.compile(r"\b(\d{1,5}) 1/2\b")
_UNIT_SLASH = re.compile(r"(?:^|(?<=, )|(?<=,))(\w{1,5}) ?/ ?(?=\d)")
_MULTIPLES = frozenset({"bis", "ter", "quater"})
_HOUSE_LAST = frozenset({"de", "pt", "es", "it", "nl"})
_UNIT_FIRST = frozenset({"AU", "NZ", "CA", ""})
"""Where "5-12" is unit 5 of house 12, if it cannot be a range."""


def read_line(text: str, country: str, elsewhere: Sequence[str] = ()) -> Line:
    """`text` is folded lower-case ASCII, parts parted by commas; `elsewhere` what other fields say (city, postcode)."""
    return _plain_front(text, country, elsewhere) or _plain_behind(text, country) or _read(text, country, elsewhere)


def _plain_front(text: str, country: str, elsewhere: Sequence[str]) -> Line | None:
    """The common "12 High St" and "Unit 3/12 High St", quickly. None where there may be more in it."""
    plain = _FRONT.match(text)
    if plain is not None:
        house, unit, rest = plain[3].replace(" ", ""), plain[1] or plain[2] or "", plain[4]
    elif (plain := _FRONT_WITH_SIGN.match(text)) is not None and not (plain[1] and plain[4]):
        house, unit, rest = plain[2], plain[1] or plain[4] or "", plain[3]
    else:
        return None
    way = _way_of(rest, country)
    return (house, way.street(elsewhere), unit, "") if way else None


class Way(NamedTuple):
    """A street behind its house. `last` is a word at its end that may be the city's, `without` the street without."""

    whole: str
    last: str
    without: str

    def street(self, elsewhere: Sequence[str]) -> str:
        return self.without if self.last in elsewhere else self.whole


@lru_cache(maxsize=65_536)
def _way_of(rest: str, country: str) -> Way | None:
    """What stands behind the house, letters only. None where there may be more in it."""
    words = rest.translate(_TO_BLANKS).split()
    if not DOOR_WORDS.isdisjoint(words):
        return None
    language = language_of(country, words)
    words = _without_apostrophes(words, language) if "'" in rest else words
    if not words or (len(words[0]) == 1 and not _may_start(words, language)):
        return None
    street = street_of(words, language)
    without = _without_city(words, words[-1:]) if language == "en" else words
    return Way(street, words[-1] if without != words else "", street_of(without, language))


@lru_cache(maxsize=65_536)
def way_behind_digits(rest: str, country: str) -> Way | None:
    """What `read_line` finds behind a house of up to five digits and a blank, whichever they are; None where that
    depends on more than `rest`, which is folded.
    """
    plain = _FRONT.match(f"1 {rest}")
    return _way_of(rest, country) if plain and plain[3] == "1" and plain[4] == rest else None


def _may_start(words: list[str], language: str) -> bool:
    """May this one letter be the start of the street, not the letter of the house?"""
    return len(words) > 1 and words[0] in (DIRECTIONS if language == "en" else TYPES.get(language, ()))


def _plain_behind(text: str, country: str) -> Line | None:
    """The common "Hauptstr. 5" and "Rua das Flores, 123", quickly. None where there may be more in it."""
    plain = _BEHIND.match(text)
    if plain is None or len(plain[1]) == 1:
        return None
    words = plain[1].translate(_TO_BLANKS).split()
    language = language_of(country, words)
    if language not in _HOUSE_LAST or not DOOR_WORDS.isdisjoint(words):
        return None
    words = _without_apostrophes(words, language) if "'" in text else words
    house = plain[2] + (plain[3] or "")
    if not words or _is_name_of_way([*words, house], len(words), language):
        return None
    return house, street_of(words, language), "", ""


def _without_city(words: list[str], elsewhere: Sequence[str]) -> list[str]:
    """ "Main St Richmond" where the city is Richmond."""
    if len(words) > 2 and words[-1] in elsewhere and words[-2] in TYPES["en"]:
        return words[:-1]
    return words


def _read(text: str, country: str, elsewhere: Sequence[str]) -> Line:
    inside = taken_apart(text)
    rest, unit = _unit_before_slash(_HALF.sub(r"\1half", inside.rest))
    segments = [words for part in rest.split(",") if (words := _words(part)) and "".join(words) not in elsewhere]
    segments = _with_lone_numbers(segments)
    language = language_of(country, [word for words in segments for word in words])
    house, street = _best([_without_apostrophes(words, language) for words in segments], language, country)
    inside.unit = inside.unit or unit
    if house:
        house, inside.unit, street = _settled(house, inside.unit, street, country)
    elif inside.lot:
        house = f"lot{inside.lot}"
    street = _without_city(street, elsewhere) if language == "en" else street
    return house, street_of(street, language), inside.door, inside.box


def _without_apostrophes(words: list[str], language: str) -> list[str]:
    """ "O'Connell" is one word, "l'Eglise" is two."""
    between = "" if language == "en" else " "
    return [part for word in words for part in word.replace("'", between).split()]


def _unit_before_slash(text: str) -> tuple[str, str]:
    """ "3/12 High St" is unit 3 of house 12; a slash behind the street is read with the house."""
    found = _UNIT_SLASH.search(text)
    if found is None:
        return text, ""
    return f"{text[: found.start()]}{text[found.end() :]}", found[1]


def _words(part: str) -> list[str]:
    part = _NUMBER_WORD.sub(" ", part.strip())
    part = _LOOSE_HYPHEN.sub(" ", _RANGE.sub(r"\1-", _KILOMETRE.sub("km", part)))
    words = re.sub(r"[^a-z0-9/'-]+", " ", part).split()
    return [bare for word in words if (bare := word.strip("/'-"))]


def _with_lone_numbers(segments: list[list[str]]) -> list[list[str]]:
    """A part that is only a number belongs to the street before it, or behind it where it comes first."""
    joined: list[list[str]] = []
    for words in segments:
        lone_before = len(joined) == 1 and _is_lone(joined[0]) and not _is_lone(words)
        if lone_before or (joined and _is_lone(words) and not _has_number(joined[-1])):
            joined[-1] = joined[-1] + words
        else:
            joined.append(words)
    return joined


def _is_lone(words: list[str]) -> bool:
    return _house_at(words, 0) == len(words) or (len(words) == 1 and _slashed(words[0]) is not None)


def _has_number(words: list[str]) -> bool:
    return _house_at(words, 0) > 0 or bool(_NUMBER.match(words[-1]))


def _house_at(words: Sequence[str], at: int) -> int:
    """Where the house number that starts at `at` ends; `at` itself if none does."""
    if at >= len(words) or not _NUMBER.match(words[at]):
        return at
    following = words[at + 1] if at + 1 < len(words) else ""
    return at + 2 if following in _MULTIPLES else at + 1


def _slashed(word: str) -> tuple[str, str] | None:
    """ "12/3" behind a street as 12 and 3."""
    house, slash, door = word.partition("/")
    return (house, door) if slash and _NUMBER.match(house) and door else None


def _best(segments: list[list[str]], language: str, country: str) -> tuple[str, list[str]]:
    """House and words of the street: of the first part with a house, else of the part that looks like a street."""
    last_first = language in _HOUSE_LAST or country in HOUSE_LAST_TOO
    readings = (_house_behind, _house_before) if last_first else (_house_before, _house_behind)
    for reading in readings:
        for words in segments:
            if found := reading(words, language):
                return found
    if not segments:
        return "", []
    streets = [words for words in segments if _names_a_street(words, language)]
    street = streets[0] if streets else segments[0]
    named = segments.index(street) == 1 and language == "en"
    return ("".join(segments[0]) if named else ""), street


def _names_a_street(words: list[str], language: str) -> bool:
    if language in ("en", "fr", "pt", "es", "it"):
        return words[-1 if language == "en" else 0] in TYPES[language]
    return words[-1].endswith(("str", "strasse", "weg", "platz", "allee", "gasse", "straat", "laan"))


def _house_before(words: list[str], language: str) -> tuple[str, list[str]] | None:
    end = _house_at(words, 0)
    if end == 0 or end == len(words):
        return None
    if end == 1 and _letter_belongs_to_house(words, language):
        return words[0] + words[1], words[2:]
    return "".join(words[:end]), words[end:]


def _letter_belongs_to_house(words: list[str], language: str) -> bool:
    """ "12 A High St" is 12a; "12 A St" and "12 N Main St" are not."""
    if len(words) < 3 or len(words[1]) > 1 or not words[1].isalpha() or not words[0].isdigit():
        return False
    if language != "en":
        return words[2] in TYPES.get(language, ()) and words[1] not in ("r", "q")
    return len(words) > 3 and words[1] not in DIRECTIONS and words[2] not in TYPES["en"]


def _house_behind(words: list[str], language: str) -> tuple[str, list[str]] | None:
    """The last number, unless it names the way (Highway 9) or more of the street follows it."""
    if len(words) > 2 and len(words[-1]) == 1 and words[-1].isalpha() and words[-2].isdigit():
        return words[-2] + words[-1], words[:-2]
    for at in range(len(words) - 1, 0, -1):
        if _slashed(words[at]) and at == len(words) - 1:
            return words[at], words[:at]
        end = _house_at(words, at)
        if end == at:
            continue
        if end == len(words):
            return None if _is_name_of_way(words, at, language) else ("".join(words[at:end]), words[:at])
        if language == "pt" and at > 1 and words[end] not in IDLE["pt"]:
            return words[at], words[:at]
        return None
    return None


def _is_name_of_way(words: list[str], at: int, language: str) -> bool:
    """Highway 9, Rodovia BR 101."""
    if language == "pt":
        return at == 2 and len(words[1]) == 2 and TYPES["pt"].get(words[0]) == "rodovia"
    return language in ("en", "fr") and TYPES[language].get(words[at - 1]) in NUMBERED


def _settled(house: str, unit: str, street: list[str], country: str) -> tuple[str, str, list[str]]:
    """Slashes, hyphens and doors that still hang on the house or the street find their place."""
    if slashed := _slashed(house):
        house, door = slashed
        number = re.match(r"\d+", door)
        if country == "DE" and number and int(number[0]) > int(re.sub(r"\D", "", house)):
            return f"{house}-{door}", unit, street
        return house, unit or door, street
    if not unit and (parted := _parted(house, country)):
        return *parted, street
    if not unit and len(street) > 2 and _is_door_behind(street):
        return house, street[-1], street[:-1]
    return house, unit, street


def _parted(house: str, country: str) -> tuple[str, str] | None:
    """House and unit of a hyphenated number that is no range: "5-12" in Australia, "12-2" in the Netherlands."""
    number = _NUMBER.match(house)
    if number is None or not number[2] or country == "US":
        return None
    first, second = int(number[1]), int(number[2])
    if first < second and (country != "CA" or second - first <= WIDEST_RANGE):
        return None
    return (house.partition("-")[2], number[1]) if country in _UNIT_FIRST else (number[1], house.partition("-")[2])


def _is_door_behind(street: list[str]) -> bool:
    """ "Main St 4B": a number behind the kind of way."""
    before = TYPES["en"].get(street[-2])
    return (
        before is not None and before not in NUMBERED and bool(re.fullmatch(r"\d{1,5}[a-z]?|[a-z]\d{1,4}", street[-1]))
    )
