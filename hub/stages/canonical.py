"""Raw records as bytes: one canonical JSON text per content, and its hash."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import orjson


def canonical(data: Mapping[str, Any], deleted: bool = False) -> tuple[str, str]:
    """The record as JSON text with sorted keys, and a 128-bit hex hash of that text and the tombstone flag.

    Lone surrogates and integers over 64 bits, which orjson refuses, are kept through the standard library's escapes.
    """
    try:
        body = orjson.dumps(data, option=orjson.OPT_SORT_KEYS)
    except (orjson.JSONEncodeError, TypeError):
        body = json.dumps(data, sort_keys=True, separators=(",", ":"), default=str).encode("ascii")
    digest = hashlib.blake2b(body + (b"\x01" if deleted else b""), digest_size=16).hexdigest()
    return body.decode(), digest


def parse(body: str) -> Any:
    """What `canonical` wrote, read back."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return json.loads(body)
