"""Passwords: which are taken, and what is kept of them, an argon2id hash that takes its time."""

from __future__ import annotations

import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from pwdlib import PasswordHash

from hub.users.common import is_common

SHORTEST = 8
LONGEST = 128
AT_ONCE = 2
MOST_WAITING = 8

HASHER = PasswordHash.recommended()
_computing = threading.BoundedSemaphore(AT_ONCE)
_seats = threading.BoundedSemaphore(AT_ONCE + MOST_WAITING)


class TooBusy(Exception):
    """So many passwords are being looked at that this one would only make the others wait."""


def weakness(name: str, password: str) -> str | None:
    """Why this user may not take this password, as a sentence; None when they may. Any signs are good, none needed."""
    text = _normal(password)
    if not SHORTEST <= len(text) <= LONGEST:
        return f"A password has {SHORTEST} to {LONGEST} characters. Several words in a row are good ones."
    if is_common(text):
        return "That is one of the passwords that everybody tries first. Several words in a row are better."
    if _is_the_name(name, text):
        return "That is hardly more than your own name. Several words in a row are better."
    return None


def hash_password(password: str) -> str:
    """What is kept. Raises TooBusy."""
    with _a_seat():
        return HASHER.hash(_normal(password))


def is_right(password: str, kept: str | None) -> bool:
    """Whether it is the password that was kept. Without one it is not, after just as much work. Raises TooBusy."""
    with _a_seat():
        same = HASHER.verify(_normal(password), kept or _nobodys())
    return same and kept is not None


@contextmanager
def _a_seat() -> Iterator[None]:
    """Two compute, a few wait, more are turned away: a flood takes neither the processor nor every thread."""
    if not _seats.acquire(blocking=False):
        raise TooBusy
    try:
        with _computing:
            yield
    finally:
        _seats.release()


@cache
def _nobodys() -> str:
    return HASHER.hash("nobody's")


def _normal(password: str) -> str:
    """One spelling for what looks the same, whatever keyboard it was typed on."""
    return unicodedata.normalize("NFKC", password)


def _is_the_name(name: str, password: str) -> bool:
    text = password.lower()
    return any(part in text and len(text) - len(part) < SHORTEST - 2 for part in {name, name.partition("@")[0]} - {""})
