"""Which fields raw records have: pure, and nothing of a person in what comes out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

DEEPEST = 3
MOST_ITEMS = 3
LONGEST_FIELD = 200
LONGEST_SAMPLE = 40
_LONG_NUMBER = re.compile("[0-9]{5}")

Shape = dict[tuple[str, str], Any]
"""By field, its names joined by dots, and kind: a value, which only `masked` may leave this process."""


def shape_of(raw: Mapping[str, Any]) -> Shape:
    """The fields that a record has a value in, down to DEEPEST levels. What is null or an empty text is not there."""
    return {(field[:LONGEST_FIELD], kind): value for field, kind, value in _fields(raw, "", DEEPEST)}


def _fields(value: Mapping[str, Any], prefix: str, depth: int) -> Iterator[tuple[str, str, Any]]:
    for key, inner in value.items():
        if inner is None or inner == "":
            continue
        field = f"{prefix}{_name(key)}"
        kind = kind_of(inner)
        yield field, kind, inner
        if depth > 1 and kind in ("list", "object"):
            for one in inner[:MOST_ITEMS] if isinstance(inner, list) else [inner]:
                if isinstance(one, Mapping):
                    yield from _fields(one, f"{field}.", depth - 1)


def _name(key: str) -> str:
    """A key by its name; by its form, where it is an address or a number rather than a name, or nothing to print."""
    return masked(key) if "@" in key or not key.isprintable() or _LONG_NUMBER.search(key) else key


def kind_of(value: Any) -> str:
    """text, number, flag, list or object."""
    if isinstance(value, bool):
        return "flag"
    if isinstance(value, int | float):
        return "number"
    if isinstance(value, str):
        return "text"
    return "list" if isinstance(value, list | tuple) else "object"


def masked(value: Any, longest: int = LONGEST_SAMPLE) -> str:
    """The form of a value: letters are x or X, digits are 9, and what is not ASCII is a dot in the middle."""
    kind = kind_of(value)
    if kind == "list":
        return f"[{len(value)}]"
    if kind in ("object", "flag"):
        return kind
    text = str(value)
    return "".join(map(_form, text[:longest])) + ("…" if len(text) > longest else "")


def _form(sign: str) -> str:
    if sign.isdigit():
        return "9"
    if sign.isalpha():
        return "X" if sign.isupper() else "x"
    return sign if " " <= sign <= "~" else "·"
