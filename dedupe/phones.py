"""Telephone numbers as identity sees them: how well two agree, and numbers that are nobody's."""

from __future__ import annotations

import re
from collections.abc import Iterator

SIGNIFICANT = 9
SHORTEST = 7
LONGEST_TEXT = 60

_EXTENSION = re.compile(r"(?:;ext=|\s*x)(\d{1,15})\Z")


def phone_level(left: str, right: str) -> str:
    """One of "same", "extension", "typo", "different", for E.164 texts, perhaps with ";ext=12" or "x12" behind.

    "extension" is one number with another extension, or with one and without. "typo" is one wrong digit, or two
    neighbours swapped, in numbers of one length. Symmetric.
    """
    if left == right:
        return "same"
    one, ext_one = _parted(left)
    two, ext_two = _parted(right)
    if one == two:
        return "same" if ext_one == ext_two else "extension"
    return "typo" if _one_slip(one, two) else "different"


def is_placeholder(phone: str) -> bool:
    """Are its last seven digits all one, or counted up or down, as typed by those who have no number to give?"""
    tail = phone[-SHORTEST:]
    if not (tail.isdecimal() and tail.isascii()) or "x" in phone:
        number, _ = _parted(phone)
        tail = "".join(digit for digit in number if digit in "0123456789")[-SHORTEST:]
    return tail in _NOBODYS


def _counted(step: int) -> Iterator[str]:
    """Seven digits, each so much more than the one before, from every first one."""
    for first in range(10):
        yield "".join(str((first + at * step) % 10) for at in range(SHORTEST))


_NOBODYS = frozenset(tail for step in (-1, 0, 1) for tail in _counted(step))


def national(phone: str) -> str:
    """The last nine digits, without extension: the part that is written alike with and without country code."""
    number, _ = _parted(phone)
    return number.lstrip("+")[-SIGNIFICANT:]


def _parted(phone: str) -> tuple[str, str]:
    if len(phone) > LONGEST_TEXT:
        return phone, ""
    found = _EXTENSION.search(phone)
    return (phone[: found.start()], found[1].lstrip("0")) if found else (phone, "")


def _one_slip(left: str, right: str) -> bool:
    if len(left) != len(right) or not SHORTEST < len(left) <= LONGEST_TEXT:
        return False
    wrong = [at for at, (a, b) in enumerate(zip(left, right, strict=True)) if a != b]
    if len(wrong) == 1:
        return True
    if len(wrong) != 2 or wrong[1] != wrong[0] + 1:
        return False
    first, second = wrong
    return left[first] == right[second] and left[second] == right[first]
