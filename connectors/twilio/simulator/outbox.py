"""The simulated vendor's webhooks: signed, kept until they are delivered, and delivered as badly as a test likes."""

from __future__ import annotations

import hmac
from base64 import b64encode
from collections.abc import Callable, Collection, Mapping
from typing import Literal
from urllib.parse import urlencode

Headers = dict[str, str]
Post = Callable[[str, Headers, bytes], int]
"""Makes one request and returns the status it was answered with; raises OSError when nobody answers."""

Sent = tuple[str, Headers, bytes]

TRIES = 2
"""Twilio tries once more when it cannot connect, and never because of a status."""


class Outbox(list[Sent]):
    """Requests that are to be made, oldest first: URL, headers (names in lower case), body."""

    def __init__(self, token: str) -> None:
        super().__init__()
        self._token = token
        self._count = 0

    def put(self, url: str, fields: Mapping[str, str]) -> None:
        """Sign the fields for the URL without its fragment, which steers the retries and never leaves the vendor."""
        called = url.partition("#")[0]
        text = called + "".join(name + fields[name] for name in sorted(fields))
        self._count += 1
        headers = {
            "content-type": "application/x-www-form-urlencoded; charset=UTF-8",
            "user-agent": "TwilioProxy/1.1",
            "i-twilio-idempotency-token": f"{self._count:08x}",
            "x-twilio-signature": b64encode(hmac.digest(self._token.encode(), text.encode(), "sha1")).decode(),
        }
        self.append((called, headers, urlencode(fields).encode()))

    def deliver(
        self,
        post: Post,
        *,
        order: Literal["as sent", "reversed"] = "as sent",
        twice: bool = False,
        lose: Collection[int] = (),
    ) -> list[int]:
        """Make the requests, each `twice` if so, without those at the places in `lose`, and forget them all.

        Returns the statuses they were answered with; 0 where nobody answered at any try.
        """
        kept = [sent for place, sent in enumerate(self) if place not in lose]
        self.clear()
        if order == "reversed":
            kept.reverse()
        return [_post(post, sent) for sent in kept for _ in range(2 if twice else 1)]


def _post(post: Post, sent: Sent) -> int:
    for _ in range(TRIES):
        try:
            return post(*sent)
        except OSError:
            continue
    return 0
