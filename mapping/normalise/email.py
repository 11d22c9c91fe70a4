"""E-mail addresses: the form to write to, and the key by which two addresses are the same. No look-ups."""

from __future__ import annotations

import re
from functools import lru_cache
from unicodedata import category, normalize

from email_validator import EmailNotValidError, validate_email
from email_validator.rfc_constants import CASE_INSENSITIVE_MAILBOX_NAMES

from mapping.build import whole_builder
from mapping.models import Email
from mapping.normalise import NotNormal

MAX_EMAIL = 254
_BLANK = " \t\r\n\u00a0\u200b\ufeff"
_ATOM = r"[A-Za-z0-9_!#$%&'*+\-/=?^`{|}~]+"
_COMMON = re.compile(rf"({_ATOM}(?:\.{_ATOM})*)@([A-Za-z0-9.\-]+)\Z")
_LOWER = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")
_BY_ROLE = frozenset(CASE_INSENSITIVE_MAILBOX_NAMES)


@lru_cache(maxsize=1_024)
def email(text: str) -> Email:
    """Raises NotNormal for what cannot be an address, and for letters that only look like ASCII: they never fold.

    The last ones are remembered, for a record names its address again where it tells of consent.
    """
    text = text.strip(_BLANK)
    if len(text) > MAX_EMAIL:
        raise _invalid()
    common = _COMMON.match(text)
    if common is None:
        return _by_the_library(text)
    local, domain = common.groups()
    ascii_domain, shown_domain = _verified(domain)
    if ascii_domain != shown_domain or local.lower() in _BY_ROLE:
        return _by_the_library(text)
    value = f"{local}@{ascii_domain}"
    return _build({"value": value, "key": value.lower()})


def _made(value: str, key: str) -> Email:
    return _build({"value": value, "key": key})


_build = whole_builder(Email)


@lru_cache(maxsize=65_536)
def _verified(domain: str) -> tuple[str, str]:
    """The library's verdict on an ASCII domain: its ASCII form and its form to be shown."""
    try:
        found = validate_email(f"a@{domain}", check_deliverability=False)
    except EmailNotValidError:
        raise _invalid() from None
    return found.ascii_domain, found.domain


def _by_the_library(text: str) -> Email:
    if not text.isascii():
        _refuse_lookalikes(text)
    try:
        found = validate_email(text, check_deliverability=False)
    except (EmailNotValidError, UnicodeError):
        raise _invalid() from None
    _refuse_folded_labels(text.rpartition("@")[2], found.ascii_domain)
    # Only A to Z are lowered: str.lower() would turn the Kelvin sign into k.
    return _made(found.normalized, f"{found.local_part.translate(_LOWER)}@{found.ascii_domain.lower()}")


def _refuse_lookalikes(text: str) -> None:
    for character in text:
        if character.isascii():
            continue
        folded = normalize("NFKC", character)
        if category(character) in {"Cf", "Cs", "Zs"} or any(c.isascii() for c in folded):
            raise NotNormal("email_lookalike", "has a character that only looks like a plain letter or cannot be seen")


def _refuse_folded_labels(written: str, ascii_domain: str) -> None:
    """The domain rules may fold a strange label or dot into plain ASCII: that would be somebody else's domain."""
    labels, found = written.split("."), ascii_domain.split(".")
    if len(labels) != len(found):
        raise NotNormal("email_lookalike", "the domain has a dot that is not a plain one")
    for label, ascii_label in zip(labels, found, strict=True):
        if not label.isascii() and not ascii_label.startswith("xn--"):
            raise NotNormal("email_lookalike", "the domain has letters that only look like plain ones")


def _invalid() -> NotNormal:
    return NotNormal("email_invalid", "not a valid e-mail address")
