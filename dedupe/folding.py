"""Text as it is compared: folded, hashed, put into an order that no arrival can change."""

from __future__ import annotations

import unicodedata

StableKey = tuple[bytes, bytes, bytes]
"""Connection, stream, external id as bytes."""

_NO_LETTERS = dict.fromkeys(code for code in range(128) if not chr(code).isalnum())


def fold(text: str) -> str:
    """Letters and digits only, lower case, without accents: "D'Árcy" -> "darcy"."""
    if text.isascii():
        return text.lower().translate(_NO_LETTERS)
    plain = unicodedata.normalize("NFKD", text).casefold()
    return "".join(char for char in plain if char.isalnum())


def stable_key(connection: str, stream: str, external_id: str) -> StableKey:
    def as_bytes(text: str) -> bytes:
        return text.encode("utf-8", "backslashreplace")

    return as_bytes(connection), as_bytes(stream), as_bytes(external_id)
