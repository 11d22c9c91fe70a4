"""The one signer of what leaves by webhook, notices and alerts alike: the headers of Standard Webhooks 1.0.0."""

from __future__ import annotations

import hmac
from base64 import b64encode
from collections.abc import Iterable

from hub.settings.signing import key_of


def signature(secrets: Iterable[str], event: str, at: int, body: bytes) -> str:
    """One signature for each secret that is good at present. `at` in whole seconds since 1970."""
    text = f"{event}.{at}.".encode() + body
    made = (hmac.digest(key_of(secret), text, "sha256") for secret in secrets)
    return " ".join(f"v1,{b64encode(one).decode()}" for one in made)


def signed(secrets: Iterable[str], event: str, at: int, body: bytes) -> dict[str, str]:
    """The headers. `event`: the same each time that the same happening is told."""
    return {
        "webhook-id": event,
        "webhook-timestamp": str(at),
        "webhook-signature": signature(secrets, event, at, body),
    }
