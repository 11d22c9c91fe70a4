"""Twilio's webhook: its signature, and the records in what it delivers."""

from __future__ import annotations

import hmac
import re
from base64 import b64encode
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, parse_qsl

from pydantic import BaseModel

from connectors.kit.base import Record
from connectors.kit.webhook import Delivery, Forged, News, Webhook
from connectors.twilio.config import TwilioConfig
from connectors.twilio.messages import BLOCKED, number_records

FORM = "application/x-www-form-urlencoded"
MOST_FIELDS = 1000
ADDRESS = re.compile(r"(https?)://([^/?#]+?)(:[0-9]+)?((?:[/?][^#]*)?)(?:#.*)?\Z", re.DOTALL)
PORTS = {"http": ":80", "https": ":443"}

Fields = list[tuple[str, str]]


def verify(config: BaseModel, delivery: Delivery) -> None:
    """Raises Forged unless the account's token, the present or the previous one, has signed the delivery."""
    if not isinstance(config, TwilioConfig):
        raise TypeError("a Twilio webhook is verified with a Twilio connection's config")
    given = delivery.headers.get("x-twilio-signature", "").encode("utf-8", "replace")
    text = _signed_fields(delivery)
    matches = [
        hmac.compare_digest(_signature(token, url + text), given)
        for token in config.tokens
        for url in _spellings(_called_url(config, delivery))
    ]
    if not any(matches):
        raise Forged("the webhook's X-Twilio-Signature is missing or wrong")


def records(delivery: Delivery, now: datetime) -> list[tuple[str, Record]]:
    """An inbound message, or an outbound one that was blocked, each with its number; nothing for any other delivery.

    Shaped as the Message resource, without what the webhook does not tell. `now` stands for the time of sending,
    which the vendor leaves out. Only here is `opt_out_type`, the vendor's own reading of a keyword.
    """
    if not _is_form(delivery):
        return []
    fields = dict(_fields(delivery))
    sid = fields.get("MessageSid") or fields.get("SmsSid")
    if "Body" in fields and fields.get("MessageStatus", "received") == "received":
        told = _inbound(fields)
    elif fields.get("ErrorCode") == str(BLOCKED):
        told = _blocked(fields)
    else:
        return []
    if not sid:
        return []
    data = {"sid": sid, **told, "date_sent": format_datetime(now.astimezone(UTC))}
    message = Record(sid, data, now.replace(microsecond=0))
    return [*(("numbers", number) for number in number_records([message])), ("messages", message)]


def tells(_config: BaseModel, delivery: Delivery) -> News:
    """The body is the record: a text cannot be asked for before the vendor's own log has it."""
    return News(records=tuple(records(delivery, delivery.received_at)))


WEBHOOK = Webhook(verify, tells, content_type="text/xml", answer=b"<Response/>")


def _inbound(fields: Mapping[str, str]) -> dict[str, Any]:
    verdict = {"opt_out_type": fields["OptOutType"]} if fields.get("OptOutType") else {}
    told = {**_common(fields), "direction": "inbound", "status": "received", "error_code": None}
    return {
        **told,
        "body": fields["Body"],
        "num_media": fields.get("NumMedia"),
        "num_segments": fields.get("NumSegments"),
        **verdict,
    }


def _blocked(fields: Mapping[str, str]) -> dict[str, Any]:
    status = fields.get("MessageStatus") or fields.get("SmsStatus")
    return {**_common(fields), "direction": "outbound-api", "status": status, "error_code": BLOCKED}


def _common(fields: Mapping[str, str]) -> dict[str, Any]:
    return {
        "account_sid": fields.get("AccountSid"),
        "messaging_service_sid": fields.get("MessagingServiceSid") or None,
        "from": fields.get("From"),
        "to": fields.get("To"),
    }


def _is_form(delivery: Delivery) -> bool:
    return delivery.headers.get("content-type", "").partition(";")[0].strip().lower() == FORM


def _fields(delivery: Delivery) -> Fields:
    """The form as it came, empty values too. Raises Forged for what is no form: Twilio sends none such."""
    try:
        text = delivery.body.decode("ascii")
        return parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict")
    except ValueError:
        raise Forged("the webhook's body is no form") from None


def _signed_fields(delivery: Delivery) -> str:
    """What the signed text has after the URL: a form's fields; of any other body the URL itself names the digest."""
    if _is_form(delivery):
        # a name that comes twice counts with each of its values once
        return "".join(name + value for name, value in sorted(set(_fields(delivery))))
    if delivery.body:
        named = parse_qs(_query(delivery.url)).get("bodySHA256", [""])[0]
        if not hmac.compare_digest(sha256(delivery.body).hexdigest().encode(), named.lower().encode()):
            raise Forged("the webhook's body is not the one whose digest is in its URL")
    return ""


def _called_url(config: TwilioConfig, delivery: Delivery) -> str:
    """The URL that Twilio called; behind a proxy the request does not know it, except for its query."""
    if config.public_url is None:
        return delivery.url
    query = _query(delivery.url)
    return f"{config.public_url}?{query}" if query else config.public_url


def _query(url: str) -> str:
    return url.partition("#")[0].partition("?")[2]


def _spellings(url: str) -> Iterator[str]:
    """The URL without and with its port: Twilio signs either. Never with a fragment."""
    parts = ADDRESS.match(url)
    if parts is None:
        return
    scheme, host, port, rest = parts.groups()
    yield f"{scheme}://{host}{rest}"
    yield f"{scheme}://{host}{port or PORTS[scheme]}{rest}"


def _signature(token: str, text: str) -> bytes:
    return b64encode(hmac.digest(token.encode(), text.encode(), "sha1"))
