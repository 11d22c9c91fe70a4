"""The webhooks of the vendors: what they sign is believed, nothing else, and what it tells is a no or a hint."""

from __future__ import annotations

import hmac
import json
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from pydantic import BaseModel

from connectors.kit import registry
from connectors.kit.webhook import Delivery, Forged, News, Webhook

NOW = datetime(2026, 11, 16, 3, 0, tzinfo=UTC)
SECRET = "dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3Rpbmdfb25seQ=="
URL = "https://hub.example.test/hooks/x"
CONFIGS: dict[str, dict[str, Any]] = {
    "zendesk": {"subdomain": "acme", "token": "x"},
    "shopify": {"store": "acme", "token": "x"},
    "mailchimp": {"audience": "a1b2c3", "api_key": "x-us1"},
}


class Another(BaseModel):
    """The config of some other connector."""


def webhook_of(kind: str) -> Webhook:
    found = registry.get(kind).webhook
    assert found is not None
    return found


def config_of(kind: str, **more: Any) -> BaseModel:
    return registry.get(kind).config.model_validate({**CONFIGS[kind], "webhook_secret": SECRET, **more})


def holds(kind: str, delivery: Delivery, **more: Any) -> bool:
    try:
        webhook_of(kind).verify(config_of(kind, **more), delivery)
    except Forged:
        return False
    return True


def zendesk(body: bytes, at: str = "2026-11-16T03:00:00Z", secret: str = SECRET) -> Delivery:
    made = b64encode(hmac.digest(secret.encode(), at.encode() + body, "sha256")).decode()
    headers = {"x-zendesk-webhook-signature": made, "x-zendesk-webhook-signature-timestamp": at}
    return Delivery(URL, headers, body, NOW)


def shopify(topic: str, body: Any, secret: str = SECRET) -> Delivery:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    made = b64encode(hmac.digest(secret.encode(), raw, "sha256")).decode()
    return Delivery(URL, {"x-shopify-hmac-sha256": made, "x-shopify-topic": topic}, raw, NOW)


def mailchimp(secret: str = SECRET, at: datetime = NOW, **fields: str) -> Delivery:
    body, stamp = urlencode(fields).encode(), str(int(at.timestamp()))
    made = hmac.new(secret.encode(), f"{stamp}.".encode() + body, "sha256").hexdigest()
    return Delivery(URL, {"x-mailchimp-signature": f"t={stamp},v1={made}"}, body, NOW)


def tells(kind: str, delivery: Delivery) -> News:
    return webhook_of(kind).tells(config_of(kind), delivery)


def test_the_vector_of_zendesk() -> None:
    given = zendesk(b'{"id":"35436"}')
    assert given.headers["x-zendesk-webhook-signature"] == "B1d38L8rnq2+NJ4pyGorMCoxRGvOzzkbQ0OUzyzGyUI="
    assert holds("zendesk", given)


GIVEN = {
    "zendesk": zendesk(b'{"id":"35436"}'),
    "shopify": shopify("customers/update", {"id": 7}),
    "mailchimp": mailchimp(type="profile"),
}


@pytest.mark.fault("A12")
@pytest.mark.parametrize("kind", GIVEN)
def test_what_is_signed_is_believed_and_nothing_else(kind: str) -> None:
    given = GIVEN[kind]
    assert holds(kind, given)
    assert not holds(kind, Delivery(URL, given.headers, given.body + b" ", NOW))
    assert not holds(kind, Delivery(URL, {}, given.body, NOW))
    garbage = dict.fromkeys(given.headers, "é")
    assert not holds(kind, Delivery(URL, garbage, given.body, NOW))
    assert not holds(kind, given, webhook_secret="another secret")
    assert holds(kind, given, webhook_secret="another secret", previous_webhook_secret=SECRET)
    assert not holds(kind, given, webhook_secret=None)


@pytest.mark.fault("A12")
@pytest.mark.parametrize("minutes", [-6, 6])
@pytest.mark.parametrize("kind", ["zendesk", "mailchimp"])
def test_what_was_signed_at_another_time_is_a_copy(kind: str, minutes: int) -> None:
    at = NOW + timedelta(minutes=minutes)
    given = {"zendesk": zendesk(b"{}", at.isoformat()), "mailchimp": mailchimp(at=at, type="profile")}
    assert not holds(kind, given[kind])


@pytest.mark.parametrize("at", ["", "yesterday", "2026-11-16T03:00:00", "9" * 30])
def test_a_time_that_is_none_is_a_forgery(at: str) -> None:
    assert not holds("zendesk", zendesk(b"{}", at))


@pytest.mark.parametrize("kind", GIVEN)
def test_another_kinds_config_is_a_bug(kind: str) -> None:
    with pytest.raises(TypeError):
        webhook_of(kind).verify(Another(), GIVEN[kind])


@pytest.mark.parametrize(
    ("body", "hints"),
    [
        ({"type": "zen:event-type:user.custom_field_changed", "detail": {"id": "35436"}}, (("users", "35436"),)),
        ({"type": "zen:event-type:ticket.status_changed", "detail": {"id": "35"}}, (("tickets", "35"),)),
        ({"ticket_id": 35, "said": "{{ticket.title}}"}, (("tickets", "35"),)),
        ({"type": "zen:event-type:user.merged", "detail": {"id": "0"}}, ()),
        ({"type": "zen:event-type:organization.created", "detail": {"id": "7"}}, ()),
        ({"type": "zen:event-type:user.created", "detail": "7"}, ()),
        ({"ticket_id": "../users/1"}, ()),
        ([], ()),
    ],
)
def test_zendesk_names_what_is_to_be_read(body: Any, hints: Any) -> None:
    assert tells("zendesk", zendesk(json.dumps(body).encode())) == News(hints=hints)


def test_a_customer_of_shopify_who_said_no_is_a_no_at_the_vendors_time_and_is_read_again() -> None:
    consent = {"state": "unsubscribed", "opt_in_level": None, "consent_updated_at": "2026-11-16T02:59:00+00:00"}
    body = {"customer_id": 700001, "email_address": "mara@example.com", "email_marketing_consent": consent}
    news = tells("shopify", shopify("customers_email_marketing_consent/update", body))
    (no,) = news.noes
    record = "gid://shopify/Customer/700001"
    assert (no.stream, no.record, no.channel, no.address) == ("customers", record, "email", "mara@example.com")
    assert (no.at, no.method, no.scope) == (NOW - timedelta(minutes=1), "", "")
    assert news.hints == (("customers", record),)


@pytest.mark.parametrize("state", ["subscribed", "not_subscribed", "pending", "", None])
def test_of_shopify_only_a_no_is_a_no(state: Any) -> None:
    body = {"id": 7, "email": "a@example.com", "email_marketing_consent": {"state": state}, "sms_marketing_consent": 1}
    news = tells("shopify", shopify("customers/update", body))
    assert (news.noes, news.hints) == ((), (("customers", "gid://shopify/Customer/7"),))


@pytest.mark.parametrize(
    ("topic", "body", "hints"),
    [
        ("orders/create", {"id": 9, "customer": {"id": 7}}, (("orders", "gid://shopify/Order/9"),)),
        ("products/update", {"id": 9}, ()),
        ("customers/update", {"id": "9"}, ()),
        ("customers/update", {"id": True}, ()),
        ("customers/update", b"[" * 100_000, ()),
        ("customers/update", b"\xff", ()),
    ],
)
def test_shopify_names_what_is_to_be_read(topic: str, body: Any, hints: Any) -> None:
    assert tells("shopify", shopify(topic, body)) == News(hints=hints)


@pytest.mark.parametrize(
    ("more", "method"),
    [({"data[campaign_id]": "c1"}, "link"), ({"data[reason]": "abuse"}, "complaint"), ({}, "")],
)
def test_whose_no_it_is_at_mailchimp(more: dict[str, str], method: str) -> None:
    fields = {"type": "unsubscribe", "fired_at": "2026-02-27 22:03:55", "data[email]": "Mara@Example.com"}
    (no,) = tells("mailchimp", mailchimp(**fields, **{"data[list_id]": "a1b2c3"}, **more)).noes
    assert (no.method, no.scope, no.at) == (method, "a1b2c3", datetime(2026, 2, 27, 22, 3, 55, tzinfo=UTC))


def test_a_changed_address_at_mailchimp_is_two_members_to_read() -> None:
    data = {"data[old_email]": "a@example.com", "data[new_email]": "b@example.com", "data[list_id]": "a1b2c3"}
    news = tells("mailchimp", mailchimp(type="upemail", **data))
    assert (len(news.hints), news.noes) == (2, ())


@pytest.mark.parametrize("fired_at", ["", "soon", "2026-02-30 00:00:00"])
def test_a_no_without_a_time_is_a_no_all_the_same(fired_at: str) -> None:
    data = {"data[email]": "a@example.com", "data[list_id]": "a1b2c3"}
    (no,) = tells("mailchimp", mailchimp(type="unsubscribe", fired_at=fired_at, **data)).noes
    assert no.at is None
