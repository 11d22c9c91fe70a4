"""Text made fit to keep: one form of Unicode, one line, nothing that cannot be seen; and what stands for "no value"."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any
from unicodedata import normalize

from mapping.normalise import NotNormal

MAX_TEXT = 4_000

_WORDS = r"n/a n.a. n.a n\a #n/a null (null) <null> none nil nan undefined unknown - -- --- – — . .. ? ??"
PLACEHOLDERS = frozenset(_WORDS.split()) | {"not available", "not provided", "not specified", "no value"}

# Controls but white space, soft hyphen, zero-width space, direction marks, BOM, surrogates, noncharacters.
# The joiners U+200C and U+200D stay: emoji, Persian and Hindi are written with them.
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb"
    "\ufdd0-\ufdef\ufffe\uffff\ud800-\udfff]"
)


def clean(text: str) -> str:
    """NFC, without what cannot be seen, white space (line breaks too) as single spaces. Idempotent."""
    if not text.isascii():
        text = normalize("NFC", _UNSEEN.sub("", text))
    elif not text.isprintable():
        text = _UNSEEN.sub("", text)
    return " ".join(text.split())


def is_placeholder(text: str) -> bool:
    """N/A and kin: words people and exports write where there is nothing."""
    return text.lower() in PLACEHOLDERS


def as_text(value: Any, limit: int = MAX_TEXT) -> str:
    """Text, number or truth as clean text; 4711.0 is "4711". NotNormal for lists, objects and what is too long."""
    if not isinstance(value, str):
        value = _written(value)
    elif value.isascii() and value.isprintable() and "  " not in value and len(value) <= limit:
        return str(value.strip())
    if len(value) > limit:
        raise NotNormal("too_long", f"longer than {limit:,} characters")
    return clean(value)


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        if abs(value) >= 10**40:
            raise NotNormal("too_long", "a number of more than 40 digits")
        return str(value)
    if isinstance(value, float | Decimal):
        return _number_written(value)
    raise NotNormal("not_text", "a list or an object where one value was expected")


def _number_written(value: float | Decimal) -> str:
    number = Decimal(repr(value)) if isinstance(value, float) else value
    if not number.is_finite() or abs(number.adjusted()) >= 40:
        raise NotNormal("not_text", "not a number that can be written out")
    return str(int(number)) if number == int(number) else format(number, "f")
