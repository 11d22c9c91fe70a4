"""Raw records as text: one canonical JSON text per content, and its hash."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from hub.store.jsontext import dumps


def canonical(data: Mapping[str, Any], deleted: bool = False) -> tuple[str, str]:
    """The record as JSON text with sorted keys, and a 128-bit hex hash of that text and the tombstone flag.

    Raises Unstorable.
    """
    body = dumps(data)
    digest = hashlib.blake2b(body.encode() + (b"\x01" if deleted else b""), digest_size=16).hexdigest()
    return body, digest
