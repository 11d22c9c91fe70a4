"""Passwords that everybody tries first, told by rules of our own making instead of a long list."""

from __future__ import annotations

import re

_LISTED = """
access account admin administrator adminadmin amazon america andrew angel anthony apple april asdf august australia
baby bailey banana baseball basketball batman blink buster butterfly charlie cheese chelsea chocolate computer
consent contact contacthub contacts cookie corvette customer daniel december default demo dragon elephant facebook
february ferrari flower football forever freedom friday friend google guest hannah harley hello hockey house hub
hunter iloveyou internet january jennifer jessica jordan joshua july june killer letmein liverpool login london
lovely maggie march marketing master matrix matthew mercedes michael michelle microsoft midnight monday monkey
mustang nicole ninja nothing november october operator orange owner pass passw passwd password passphrase pepper
phoenix please pokemon princess purple qwerty ranger reviewer robert root samantha samsung saturday secret september
service shadow snoopy soccer spiderman spring starwars summer sunday sunshine superman support sydney system taylor
temp temporary test testing thomas thursday tigger trustno tuesday user viewer wednesday welcome whatever william
winter wizard yankees
"""

WORDS = frozenset(_LISTED.split())
"""What stands in front of the year and the exclamation mark."""

ROWS = (
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "01234567890",
    "1qaz2wsx3edc4rfv5tgb6yhn",
    "1q2w3e4r5t6y7u8i9o0p",
)
_LOOKS_LIKE = str.maketrans("@4301!5$7", "aaeoiisst")
_MOST_ADDED = 6
"""Digits and signs around a word that make it no better."""


def is_common(password: str) -> bool:
    """Whether it is one of those that a guesser tries among the first thousands."""
    text = password.lower()
    once = re.sub(r"(.)\1", r"\1", text)
    return (
        _is_repeated(text)
        or _is_row(text)
        or _is_row(once)
        or any(_is_word(one) for one in (text, text.translate(_LOOKS_LIKE)))
    )


def _is_repeated(text: str) -> bool:
    """ "aaaaaaaa", "12121212", "abcdabcd"."""
    return any(text == (text[:size] * len(text))[: len(text)] for size in range(1, min(4, len(text) - 1) + 1))


def _is_row(text: str) -> bool:
    """Pieces of at least four neighbours, there or back: "12345678", "qwertyasdf", "87654321"."""
    while text:
        size = max(_neighbours(text, row) for row in (*ROWS, *(row[::-1] for row in ROWS)))
        if size < 4:
            return False
        text = text[size:]
    return True


def _neighbours(text: str, row: str) -> int:
    size = 0
    while size < len(text) and text[: size + 1] in row:
        size += 1
    return size


def _is_word(text: str) -> bool:
    """A word, or a word said twice, or two of them, with a few digits and signs around."""
    core = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", text)
    if not core or len(text) - len(core) > _MOST_ADDED:
        return False
    letters = re.sub(r"[\W_]", "", core)
    return letters in WORDS or any(letters[:cut] in WORDS and letters[cut:] in WORDS for cut in range(3, len(letters)))
