"""What the help desk holds: users and tickets as rows of Zendesk's API."""

from __future__ import annotations

from datetime import datetime
from random import Random
from typing import Any

from hub.demo import names
from hub.demo.people import Answer, Sighting, moment
from hub.demo.shop import e164, stamp

FIRST_USER, FIRST_TICKET = 35_001, 501

Row = dict[str, Any]


def user(number: int, seen: Sighting) -> Row:
    """`number` counts from 0. An agent who set a field moved the user's change time."""
    return {
        "id": FIRST_USER + number,
        "name": f"{seen.given} {seen.family}",
        "email": seen.email or None,
        "phone": e164(seen.phone) or None,
        "user_fields": {"consent_email": _option(seen.consent), "consent_sms": _option(seen.sms)},
        "created_at": stamp(seen.since),
        "updated_at": stamp(changed_at(seen)),
    }


def changed_at(seen: Sighting) -> datetime:
    return max(seen.since, seen.consent_at or seen.since, seen.sms_at or seen.since)


def ticket(number: int, user: Row, seen: Sighting, rng: Random) -> Row:
    subject, text = rng.choice(names.QUESTIONS)
    at = stamp(moment(rng, after=seen.since))
    return {
        "id": FIRST_TICKET + number,
        "subject": subject,
        "raw_subject": subject,
        "description": text,
        "status": rng.choice(("open", "solved", "closed")),
        "requester_id": user["id"],
        "submitter_id": user["id"],
        "created_at": at,
        "updated_at": at,
    }


def _option(said: Answer) -> str | None:
    return {"yes": "granted", "no": "withdrawn", "": None}[said]
