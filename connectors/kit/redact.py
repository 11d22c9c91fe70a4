"""Taking secret values out of a text before anybody reads it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import quote, quote_plus

HIDDEN = "••••"
SHORTEST = 4
"""A shorter value is left alone: it is no secret, and hiding it would shred every text."""


def redact(text: str, secrets: Iterable[str]) -> str:
    """The text without the secrets, neither plain nor as a URL writes them; longest first, so that no half stays."""
    values = {form for secret in secrets if len(secret) >= SHORTEST for form in _forms(secret)}
    if not values:
        return text
    longest_first = sorted(values, key=len, reverse=True)
    return re.sub("|".join(re.escape(value) for value in longest_first), HIDDEN, text)


def _forms(secret: str) -> tuple[str, ...]:
    return secret, quote(secret, safe=""), quote_plus(secret, safe=""), quote(secret)
