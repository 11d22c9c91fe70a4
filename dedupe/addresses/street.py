"""The one way to write the name of a street: its words in full, without articles, blanks or accents.

Without blanks "Packer St" and "packerstreet" are equal, and "Haupt Str." and "Hauptstraße".
"""

from __future__ import annotations

from dedupe.addresses.words import DIRECTIONS, IDLE, NUMBERED, ORDINALS, OTHERS, SUFFIXES, TYPES

_COMPASS = {"fr": {"o": "ouest", "e": "est", "n": "nord", "s": "sud"}}


def street_of(words: list[str], language: str) -> str:
    """The words in full, without articles, as one text."""
    if not words:
        return ""
    if language == "en":
        return _english(words)
    return _german(words, language) if language in SUFFIXES else _leading(words, language)


def _english(words: list[str]) -> str:
    types, others = TYPES["en"], OTHERS["en"]
    last = len(words) - 1
    end = last - 1 if last > 0 and words[last] in DIRECTIONS and len(words) > 2 else last
    full = []
    for at, word in enumerate(words):
        if at > end or (at == 0 < end and word in DIRECTIONS and words[1] not in types):
            full.append(DIRECTIONS[word])
        elif at == end > 0:
            full.append(types.get(word, word))
        elif word in others:
            full.append(others[word])
        elif word in ORDINALS:
            full.append(ORDINALS[word])
        else:
            full.append(types.get(word, word) if at or types.get(word) in NUMBERED else word)
    return "".join(full)


def _leading(words: list[str], language: str) -> str:
    types, others, idle = TYPES[language], OTHERS.get(language, {}), IDLE.get(language, frozenset())
    if len(words) > 2 and len(words[0]) == 1 and f"{words[0]}{words[1]}" in types:
        words = [words[0] + words[1], *words[2:]]  # "V.le", "C.so"
    first = types.get(words[0], words[0])
    behind = [others.get(word, word) for word in words[1:] if word not in idle] or list(words[1:])
    behind[-1:] = [_COMPASS.get(language, {}).get(word, word) for word in behind[-1:]]
    return "".join([first, *behind])


def _german(words: list[str], language: str) -> str:
    others = OTHERS[language]
    short, full = SUFFIXES[language]
    written = [others.get(word) or (word[: -len(short)] + full if word.endswith(short) else word) for word in words]
    joined = "".join(written)
    return without_umlauts(joined) if language == "de" else joined


def without_umlauts(text: str) -> str:
    """ "goethe" and "gothe" (Göthe without its dots) alike: both are how an umlaut gets written."""
    return text.replace("ae", "a").replace("oe", "o").replace("ue", "u")
