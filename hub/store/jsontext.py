"""JSON as text that both databases keep alike: sorted keys, and escapes for what neither of them stores."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import orjson

DEEPEST = 250
"""Levels of nesting that are kept; orjson stops at 254."""

BY_JSON = " "
"""How text begins that only the standard library reads right: orjson makes floats of integers over 64 bits."""


class Unstorable(ValueError):
    """A value that could not be read back; the message says why, without the value."""


def dumps(value: Any) -> str:
    """Raises Unstorable for what is nested too deeply, or has keys that are no text.

    Lone surrogates and integers over 64 bits, which orjson refuses, are kept through the standard library's escapes.
    """
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()
    except TypeError as error:
        if _is_too_deep(value):
            raise Unstorable(f"nested more than {DEEPEST} levels deep") from error
    try:
        return BY_JSON + json.dumps(value, sort_keys=True, separators=(",", ":"), default=str)
    except (TypeError, ValueError) as error:
        raise Unstorable("not JSON: a key is no text, or an object holds itself") from error


def loads(text: str) -> Any:
    """What `dumps` wrote, read back."""
    return json.loads(text) if text.startswith(BY_JSON) else orjson.loads(text)


def storable(text: str) -> str:
    """Text with escapes for what no text column holds: NUL and lone surrogates."""
    return text.encode("utf-8", "backslashreplace").decode().replace("\x00", "\\x00")


def _is_too_deep(value: Any) -> bool:
    level = [value]
    for _ in range(DEEPEST):
        level = [inner for one in level for inner in _inside(one)]
    return bool(level)


def _inside(value: Any) -> list[Any]:
    if isinstance(value, Mapping):
        return list(value.values())
    return list(value) if isinstance(value, list | tuple) else []
