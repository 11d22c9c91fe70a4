"""The words of webhooks in: a delivery as it came, how a vendor's is verified, and what it tells."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterable
from collections.abc import Mapping as Headers
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from pydantic import BaseModel, SecretStr

from connectors.kit.base import Record, utc_now
from connectors.kit.destination import Channel

WINDOW = timedelta(minutes=5)
"""How old, or how far ahead, the signed time of a delivery may be: an older one is somebody's copy."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """An inbound webhook request as it came: the public URL the vendor called, headers in lower case, raw body."""

    url: str
    headers: Headers[str, str]
    body: bytes
    received_at: datetime = field(default_factory=utc_now)


class Forged(Exception):
    """The signature of a webhook is missing or wrong, or too old to be believed."""


@dataclass(frozen=True, slots=True)
class No:
    """A no that a delivery tells of a record. It counts by itself: a read after it may show a yes again.

    `address` as the vendor writes it, "" where it names none: then all of the record's are meant. `at` is when the
    vendor says it happened (aware UTC). `scope` is the list it was said to. `method`: how the person said it, "" where
    only the state is told, which may be an echo of our own write.
    """

    stream: str
    record: str
    channel: Channel
    address: str
    at: datetime | None = None
    scope: str = ""
    method: str = ""


@dataclass(frozen=True, slots=True)
class News:
    """What a verified delivery tells: (stream, record) to be landed whole, noes, and (stream, id) to be read again."""

    records: tuple[tuple[str, Record], ...] = ()
    noes: tuple[No, ...] = ()
    hints: tuple[tuple[str, str], ...] = ()


Tells = Callable[[BaseModel, Delivery], News]


@dataclass(frozen=True, slots=True)
class Webhook:
    """How a vendor's webhook is read. `verify` raises Forged; `tells` is asked only of what it has let pass.

    `greets`: whether a GET to the address is the vendor's look whether somebody listens; None where it never looks.
    """

    verify: Callable[[BaseModel, Delivery], None]
    tells: Tells
    content_type: str = "application/json"
    answer: bytes = b""
    greets: Callable[[BaseModel, Delivery], bool] | None = None


def matches(given: str, wanted: Iterable[str]) -> bool:
    """Whether it is one of these, in a time that tells nothing of how much of it is right."""
    found = given.encode("utf-8", "replace")
    return any(hmac.compare_digest(found, one.encode()) for one in wanted)


def in_window(signed_at: datetime, delivery: Delivery) -> bool:
    return abs(delivery.received_at - signed_at) <= WINDOW


def plain(*secrets: SecretStr | None) -> tuple[str, ...]:
    """The secrets that are there."""
    return tuple(secret.get_secret_value() for secret in secrets if secret is not None)
