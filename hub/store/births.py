"""Public ids: every source record is born with one, a pure function of its key and the installation's name."""

from __future__ import annotations

import base64
import hashlib

PREFIX = "c_"
_BYTES = 15


def birth_id(installation: str, connection: str, stream: str, external_id: str) -> str:
    """The id a record is born with: 'c_' and 24 characters of base32, of a keyed BLAKE2b hash."""
    salt = hashlib.blake2b(installation.encode(), digest_size=32).digest()
    name = "\x1f".join((connection, stream, external_id)).encode("utf-8", "backslashreplace")
    digest = hashlib.blake2b(name, digest_size=_BYTES, key=salt).digest()
    return PREFIX + base64.b32encode(digest).decode().lower()
