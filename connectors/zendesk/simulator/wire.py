"""Refusals in Zendesk's several shapes, sliding limits, and the blank rows that given ones are completed from."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime
from typing import Any

SITE = "https://acme.zendesk.com/api/v2"


class Problem(Exception):
    """A refusal: status, document and headers as they go out."""

    def __init__(self, status: int, document: Any, headers: dict[str, str] | None = None) -> None:
        super().__init__(status)
        self.status = status
        self.document = document
        self.headers = headers or {}


def not_found() -> Problem:
    return Problem(404, {"error": "RecordNotFound", "description": "Not found"})


def bad_request(description: str) -> Problem:
    return Problem(400, {"error": "BadRequest", "description": description})


def invalid(field: str, description: str) -> Problem:
    details = {field: [{"description": description, "error": "InvalidValue"}]}
    return Problem(422, {"error": "RecordInvalid", "description": "Record validation errors", "details": details})


class Window:
    """So many hits of one key within any sixty seconds."""

    def __init__(self) -> None:
        self._hits: dict[str, list[float]] = {}

    def take(self, key: str, limit: int, now: datetime) -> None:
        """Raises Problem 429 with Retry-After when the key has used its hits."""
        moment = now.timestamp()
        recent = [hit for hit in self._hits.get(key, ()) if hit > moment - 60]
        if len(recent) >= limit:
            wait = max(1, math.ceil(recent[0] + 60 - moment))
            headers = {"Retry-After": str(wait), "ratelimit-limit": str(limit), "ratelimit-remaining": "0"}
            raise Problem(429, {"error": "APIRateLimitExceeded", "description": "Number of allowed calls"}, headers)
        if len(self._hits) > 10_000:
            self._hits = {other: hits for other, hits in self._hits.items() if hits[-1] > moment - 60}
        self._hits[key] = [*recent, moment]


def stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def phone_key(text: str) -> str:
    """A phone as to be compared; one without a country is Australian."""
    digits = re.sub(r"[^0-9+]", "", text)
    return "+61" + digits[1:] if digits.startswith("0") else digits


def blank_user(user_id: int, now: str) -> dict[str, Any]:
    return {
        "id": user_id,
        "url": f"{SITE}/users/{user_id}.json",
        "name": f"User {user_id}",
        "email": None,
        "phone": None,
        "shared_phone_number": None,
        "alias": "",
        "active": True,
        "verified": True,
        "suspended": False,
        "role": "end-user",
        "external_id": None,
        "organization_id": None,
        "tags": [],
        "user_fields": {},
        "details": "",
        "notes": "",
        "locale": "en-AU",
        "locale_id": 1,
        "time_zone": "Sydney",
        "iana_time_zone": "Australia/Sydney",
        "created_at": now,
        "updated_at": now,
        "last_login_at": None,
    }


def blank_ticket(ticket_id: int, now: str) -> dict[str, Any]:
    return {
        "id": ticket_id,
        "url": f"{SITE}/tickets/{ticket_id}.json",
        "external_id": None,
        "subject": "",
        "raw_subject": "",
        "description": "",
        "status": "new",
        "priority": None,
        "type": None,
        "requester_id": None,
        "submitter_id": None,
        "assignee_id": None,
        "organization_id": None,
        "group_id": None,
        "brand_id": 360,
        "tags": [],
        "custom_fields": [],
        "fields": [],
        "satisfaction_rating": {"score": "unoffered"},
        "via": {"channel": "email"},
        "custom_status_id": 123,
        "is_public": True,
        "from_messaging_channel": False,
        "created_at": now,
        "updated_at": now,
    }


def blank_field(field_id: int, key: str, now: str) -> dict[str, Any]:
    """A drop-down user field for consent."""
    options = [
        {"id": field_id * 10 + at, "name": word.title(), "raw_name": word.title(), "value": word, "position": at}
        for at, word in enumerate(("granted", "withdrawn", "unknown"))
    ]
    title = key.replace("_", " ").capitalize()
    return {
        "id": field_id,
        "url": f"{SITE}/user_fields/{field_id}.json",
        "key": key,
        "type": "dropdown",
        "title": title,
        "raw_title": title,
        "description": "",
        "raw_description": "",
        "position": 9999,
        "active": True,
        "system": False,
        "regexp_for_validation": None,
        "custom_field_options": options,
        "created_at": now,
        "updated_at": now,
    }
