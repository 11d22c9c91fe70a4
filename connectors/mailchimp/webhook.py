"""Mailchimp's webhook: a signature, a key in its address or both; who unsubscribes is heard, all else is read again."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

from pydantic import BaseModel

from connectors.kit.webhook import Delivery, Forged, News, No, Webhook, in_window, matches, plain
from connectors.mailchimp.config import MailchimpConfig
from connectors.mailchimp.source import MEMBERS

SIGNATURE = "x-mailchimp-signature"
MOST_FIELDS = 200


def verify(config: BaseModel, delivery: Delivery) -> None:
    """What the configuration names must hold: the key, the signature, or both. Raises Forged."""
    found = _own(config)
    signers = plain(found.webhook_secret, found.previous_webhook_secret)
    if not signers and found.webhook_key is None:
        raise Forged("neither webhook_secret nor webhook_key is configured")
    if found.webhook_key is not None and not greets(config, delivery):
        raise Forged("the key in the webhook's address is missing or wrong")
    if signers and not _is_signed(signers, delivery):
        raise Forged("the webhook's signature is missing, wrong or too old")


def greets(config: BaseModel, delivery: Delivery) -> bool:
    """Mailchimp looks with a GET whether anybody is there; whoever does not know the key finds nobody."""
    key = plain(_own(config).webhook_key)
    given = parse_qs(urlsplit(delivery.url).query).get("key", [""])[0]
    return matches(given, key)


def tells(config: BaseModel, delivery: Delivery) -> News:
    """An unsubscribe of our audience is a no with its own time; every member that is named is to be read again."""
    fields = _fields(delivery)
    emails = [fields.get(name, "") for name in ("data[email]", "data[old_email]", "data[new_email]")]
    if fields.get("data[list_id]") != _own(config).audience:
        return News()
    hints = tuple((MEMBERS.name, member_id(email)) for email in emails if email)
    no = _no(fields) if fields.get("type") == "unsubscribe" and fields.get("data[email]") else None
    return News(noes=(no,) if no else (), hints=hints)


WEBHOOK = Webhook(verify, tells, content_type="text/plain", greets=greets)


def member_id(email: str) -> str:
    return hashlib.md5(email.strip().lower().encode(), usedforsecurity=False).hexdigest()


def _no(fields: Mapping[str, str]) -> No:
    """A campaign is named where the person used its link; without one it may have been our own write."""
    email = fields["data[email]"]
    method = "link" if fields.get("data[campaign_id]") else ""
    if fields.get("data[reason]") == "abuse":
        method = "complaint"
    fired_at = _moment(fields.get("fired_at", ""))
    return No(MEMBERS.name, member_id(email), "email", email, fired_at, fields["data[list_id]"], method)


def _fields(delivery: Delivery) -> dict[str, str]:
    try:
        found = parse_qs(delivery.body.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        return {}
    return {name: values[0] for name, values in found.items()}


def _moment(text: str) -> datetime | None:
    """`2026-02-27 22:03:55`, in UTC."""
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        return None
    return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)


def _is_signed(secrets: tuple[str, ...], delivery: Delivery) -> bool:
    """`t=<unix seconds>,v1=<hex>` over "<t>.<raw body>"."""
    parts = dict(part.partition("=")[::2] for part in delivery.headers.get(SIGNATURE, "").split(","))
    at, given = parts.get("t", ""), parts.get("v1", "")
    if not (at.isascii() and at.isdigit() and len(at) <= 11):
        return False
    text = f"{at}.".encode() + delivery.body
    wanted = [hmac.new(secret.encode(), text, "sha256").hexdigest() for secret in secrets]
    return matches(given, wanted) and in_window(datetime.fromtimestamp(int(at), UTC), delivery)


def _own(config: BaseModel) -> MailchimpConfig:
    if not isinstance(config, MailchimpConfig):
        raise TypeError("a Mailchimp webhook is verified with a Mailchimp connection's config")
    return config
