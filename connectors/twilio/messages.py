"""A Message resource as records: the message itself, and the number of the person on its other end. No HTTP here."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from connectors.kit.base import Record, Reject
from connectors.kit.errors import BadPayload

E164 = re.compile(r"\+[1-9][0-9]{6,14}\Z")

BLOCKED = 21610
"""Twilio's error code of a message to somebody who has opted out."""


@dataclass(frozen=True, slots=True)
class Listing:
    """One reply. `next` is the path of the page after it with its query, None at the end."""

    items: tuple[Any, ...]
    next: str | None


def opened(document: Any) -> Listing:
    """Raises BadPayload for anything but {messages: [...], next_page_uri: path or null}: that is never "no records"."""
    items = document.get("messages") if isinstance(document, dict) else None
    if not isinstance(items, list) or "next_page_uri" not in document:
        raise BadPayload("Twilio answered without messages or next_page_uri: is base_url its API?")
    following = document["next_page_uri"]
    if following is not None and not (isinstance(following, str) and following.startswith("/")):
        raise BadPayload("Twilio names a next page that is no path on its host: nothing of the page was used")
    return Listing(tuple(items), following)


def message_records(items: Iterable[Any]) -> tuple[tuple[Record, ...], tuple[Reject, ...]]:
    """The messages as they came, and apart from them what has no sid."""
    records, rejects = [], []
    for item in items:
        sid = item.get("sid") if isinstance(item, dict) else None
        if isinstance(sid, str) and sid:
            records.append(Record(sid, item, sent_at(item)))
        else:
            rejects.append(Reject(json.dumps(item), "the message has no sid"))
    return tuple(records), tuple(rejects)


def number_records(messages: Sequence[Record]) -> tuple[Record, ...]:
    """The people's numbers in these messages, each once. Nothing in such a record ever changes."""
    numbers = dict.fromkeys(counterpart(message.data) for message in messages)
    return tuple(Record(number, {"number": number}) for number in numbers if number is not None)


def counterpart(message: Mapping[str, Any]) -> str | None:
    """The person's number; None for what is no telephone number: a name, a short code, another channel's address."""
    value = message.get("from" if message.get("direction") == "inbound" else "to")
    return value if isinstance(value, str) and E164.match(value) else None


def sent_at(message: Mapping[str, Any]) -> datetime | None:
    """The message's `date_sent` (RFC 2822) as aware UTC; None while it is not sent, or when it is no time."""
    try:
        moment = parsedate_to_datetime(message.get("date_sent") or "")
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, TypeError, OverflowError):
        return None
