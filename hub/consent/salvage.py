"""What can be saved of a record that nobody can read: whether it may hold a no, and for which addresses."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mapping.normalise import NotNormal
from mapping.normalise.email import email
from mapping.normalise.phone import phone

LONGEST = 100_000
"""Characters that are looked through."""

MOST_ADDRESSES = 20

_NO = re.compile(
    r"unsubscri|opt(?:ed|s|ing)?[ _-]?out|withdr[ae]w|revoke|complain|suppress|blacklist|blocklist|\bstop(?:all)?\b"
    r"|do[ _-]?not[ _-]?(?:contact|mail|e-?mail|sms|text|call|send)",
    re.IGNORECASE,
)
_EMAIL = re.compile(r"[A-Za-z0-9._%+'-]{1,64}@[A-Za-z0-9.-]{1,253}\.[A-Za-z]{2,63}")
_PHONE = re.compile(r"\+?[0-9][0-9 ()/.-]{6,18}[0-9]")


def may_hold_a_no(text: str) -> bool:
    """Whether any word in it is one that a no is told with."""
    return _NO.search(text[:LONGEST]) is not None


def addresses_in(text: str, region: str | None) -> list[tuple[str, str]]:
    """(channel, normalised address) of everything that looks like one, in order, at most MOST_ADDRESSES."""
    found = dict.fromkeys((*_emails(text[:LONGEST]), *_phones(text[:LONGEST], region)))
    return list(found)[:MOST_ADDRESSES]


def _emails(text: str) -> Iterator[tuple[str, str]]:
    for match in _EMAIL.finditer(text):
        try:
            yield "email", email(match[0]).key
        except NotNormal:
            continue


def _phones(text: str, region: str | None) -> Iterator[tuple[str, str]]:
    for match in _PHONE.finditer(text):
        try:
            yield "sms", phone(match[0], region).value
        except NotNormal:
            continue
