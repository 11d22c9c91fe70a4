"""Spellings one slip away from a typed word: a letter too many, too few, another one, or two exchanged."""

from __future__ import annotations

from functools import cache

from dedupe.folding import fold

SHORTEST, LONGEST = 4, 16
"""Letters of a word that is forgiven a slip; a shorter one is one slip away from half of all names."""

_LATIN = "abcdefghijklmnopqrstuvwxyz"
_BLOCK = 128
"""How many neighbours of a letter in Unicode are looked at for its alphabet."""

_MOST_LETTERS = 64
"""Of an alphabet; more are no alphabet but signs for words, of which any other is not a slip."""


def spellings(word: str) -> frozenset[str]:
    """What a folded word may have been meant to be, without itself; none of what is no word of letters."""
    if not (SHORTEST <= len(word) <= LONGEST and word.isalpha()):
        return frozenset()
    letters = _alphabet(word)
    halves = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    found = {left + right[1:] for left, right in halves if right}
    found |= {left + right[1] + right[0] + right[2:] for left, right in halves if len(right) > 1}
    found |= {left + letter + right[1:] for left, right in halves if right for letter in letters}
    found |= {left + letter + right for left, right in halves for letter in letters}
    return frozenset(found - {word})


def _alphabet(word: str) -> str:
    """The letters of the scripts that a word is written in."""
    others = {ord(letter) // _BLOCK for letter in word if not letter.isascii()}
    found = [_letters_near(block) for block in sorted(others)]
    latin = _LATIN if any(letter.isascii() for letter in word) else ""
    return latin + "".join(letters for letters in found if len(letters) <= _MOST_LETTERS)


@cache
def _letters_near(block: int) -> str:
    near = map(chr, range(block * _BLOCK, (block + 1) * _BLOCK))
    return "".join(letter for letter in near if letter.isalpha() and fold(letter) == letter)
