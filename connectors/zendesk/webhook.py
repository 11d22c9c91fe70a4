"""Zendesk's webhook: its signature over time and body, and the user or ticket to be read again. It says no no.

Its consent is a field that agents write: nobody's act, and what it says now is read.
"""

from __future__ import annotations

import hmac
import json
from base64 import b64encode
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from pydantic import BaseModel

from connectors.kit.webhook import Delivery, Forged, News, Webhook, in_window, matches, plain
from connectors.zendesk.config import ZendeskConfig

SIGNATURE = "x-zendesk-webhook-signature"
TIMESTAMP = "x-zendesk-webhook-signature-timestamp"
PREFIX = "zen:event-type:"
STREAMS = {"user": "users", "ticket": "tickets"}


def verify(config: BaseModel, delivery: Delivery) -> None:
    """Raises Forged unless the webhook's secret, the present or the previous one, has signed it just now."""
    if not isinstance(config, ZendeskConfig):
        raise TypeError("a Zendesk webhook is verified with a Zendesk connection's config")
    signed_at = delivery.headers.get(TIMESTAMP, "")
    text = signed_at.encode("utf-8", "replace") + delivery.body
    secrets = plain(config.webhook_secret, config.previous_webhook_secret)
    wanted = [b64encode(hmac.digest(secret.encode(), text, "sha256")).decode() for secret in secrets]
    if not matches(delivery.headers.get(SIGNATURE, ""), wanted):
        raise Forged("the webhook's X-Zendesk-Webhook-Signature is missing or wrong")
    moment = _moment(signed_at)
    if moment is None or not in_window(moment, delivery):
        raise Forged("the webhook was signed too long ago")


def tells(_config: BaseModel, delivery: Delivery) -> News:
    return News(hints=tuple(_hints(delivery.body)))


WEBHOOK = Webhook(verify, tells)


def _hints(body: bytes) -> Iterator[tuple[str, str]]:
    """An event names what it is about; the body of a trigger is the admin's own, of which a ticket's id is taken."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return
    if not isinstance(found, dict):
        return
    kind = str(found.get("type", ""))
    if kind.startswith(PREFIX):
        stream, detail = STREAMS.get(kind.removeprefix(PREFIX).partition(".")[0]), found.get("detail")
        yield from _named(stream, detail.get("id") if isinstance(detail, dict) else None)
    else:
        yield from _named(STREAMS["ticket"], found.get("ticket_id"))


def _named(stream: str | None, number: Any) -> Iterator[tuple[str, str]]:
    text = str(number)
    if stream is not None and text.isascii() and text.isdigit() and text != "0":
        yield stream, text


def _moment(text: str) -> datetime | None:
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        return None
    return read if read.tzinfo is not None else None
