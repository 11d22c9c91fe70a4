"""Shopify's webhook: its HMAC over the raw body, the noes in it, and the customers and orders to be read again."""

from __future__ import annotations

import hmac
import json
from base64 import b64encode
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel

from connectors.kit.destination import Channel
from connectors.kit.webhook import Delivery, Forged, News, No, Webhook, matches, plain
from connectors.shopify.config import ShopifyConfig

SIGNATURE = "x-shopify-hmac-sha256"
TOPIC = "x-shopify-topic"
CUSTOMERS, ORDERS = "customers", "orders"
CONSENTS: tuple[tuple[Channel, str, tuple[str, ...]], ...] = (
    ("email", "email_marketing_consent", ("email_address", "email")),
    ("sms", "sms_marketing_consent", ("phone",)),
)
"""Channel, where its consent stands in a customer, and where its address may."""


def verify(config: BaseModel, delivery: Delivery) -> None:
    """Raises Forged unless the app's secret, the present or the previous one, has signed the body.

    Shopify signs no time. A copy that is sent again is known by its body; one of long ago tells what was known then.
    """
    if not isinstance(config, ShopifyConfig):
        raise TypeError("a Shopify webhook is verified with a Shopify connection's config")
    secrets = plain(config.webhook_secret, config.previous_webhook_secret)
    wanted = [b64encode(hmac.digest(secret.encode(), delivery.body, "sha256")).decode() for secret in secrets]
    if not matches(delivery.headers.get(SIGNATURE, ""), wanted):
        raise Forged("the webhook's X-Shopify-Hmac-SHA256 is missing or wrong")


def tells(_config: BaseModel, delivery: Delivery) -> News:
    """The body is in the shape of another API than the one we pull from: of it only ids, states and times are taken."""
    topic, body = delivery.headers.get(TOPIC, ""), _object(delivery.body)
    if topic.startswith("orders/"):
        return News(hints=tuple(_named(ORDERS, "Order", body.get("id"))))
    customer = body.get("customer_id") or body.get("id")
    hints = tuple(_named(CUSTOMERS, "Customer", customer)) if topic.startswith("customer") else ()
    return News(noes=tuple(no for _, record in hints for no in _noes(record, body)), hints=hints)


WEBHOOK = Webhook(verify, tells)


def _noes(record: str, body: Mapping[str, Any]) -> Iterator[No]:
    for channel, name, places in CONSENTS:
        said = body.get(name)
        if isinstance(said, dict) and str(said.get("state", "")).lower() == "unsubscribed":
            address = next((body[place] for place in places if isinstance(body.get(place), str)), "")
            yield No(CUSTOMERS, record, channel, address, _moment(said.get("consent_updated_at")))


def _named(stream: str, kind: str, number: Any) -> Iterator[tuple[str, str]]:
    if type(number) is int and number > 0:
        yield stream, f"gid://shopify/{kind}/{number}"


def _object(body: bytes) -> dict[str, Any]:
    """What it holds; nothing where it is no JSON object."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _moment(text: Any) -> datetime | None:
    try:
        read = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return None
    return read.astimezone(UTC) if read.tzinfo is not None else None
