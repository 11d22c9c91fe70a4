"""What the newsletter holds: members and static segments as Mailchimp's Marketing API gives them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any

from hub.demo import names
from hub.demo.people import END, Address, Sighting

LIST_ID = "57afe96172"

Member = dict[str, Any]


def member(seen: Sighting, rng: Random) -> Member:
    """`id` is the md5 of the lower-case address, as the vendor makes it."""
    tags = [{"id": id_, "name": name} for id_, name in names.TAGS.items() if rng.random() < 0.12]
    changed = max(seen.since, seen.consent_at or seen.since)
    made: Member = {
        "id": member_id(seen.email),
        "email_address": seen.email,
        "full_name": f"{seen.given} {seen.family}",
        "status": _status(seen, rng),
        "merge_fields": {
            "FNAME": seen.given,
            "LNAME": seen.family,
            "PHONE": seen.phone,
            "ADDRESS": _address(seen.address),
        },
        "timestamp_signup": stamp(seen.since),
        "timestamp_opt": _opted_in(seen),
        "last_changed": stamp(min(END, changed + timedelta(seconds=rng.randint(0, 5)))),
        "language": "en",
        "tags_count": len(tags),
        "tags": tags,
        "list_id": LIST_ID,
    }
    if seen.mark == "imported":
        made["source"] = "Import"
    if made["status"] == "unsubscribed":
        made["unsubscribe_reason"] = "N/A (Unsubscribed by the subscriber)"
    return made


def segments(members: Sequence[Member]) -> list[dict[str, Any]]:
    """Each tag as a static segment: {id, name, members: [member id]}."""
    return [
        {"id": id_, "name": name, "members": [m["id"] for m in members if {"id": id_, "name": name} in m["tags"]]}
        for id_, name in names.TAGS.items()
    ]


def member_id(email: str) -> str:
    return hashlib.md5(email.lower().encode(), usedforsecurity=False).hexdigest()


def stamp(when: datetime) -> str:
    return when.isoformat()


def _opted_in(seen: Sighting) -> str:
    """Of somebody who unsubscribed the vendor still tells the old opt-in; of somebody never asked, nothing."""
    if seen.consent == "yes":
        return stamp(seen.consent_at or seen.since)
    return stamp(seen.since) if seen.consent == "no" else ""


def _status(seen: Sighting, rng: Random) -> str:
    if seen.mark == "bounced":
        return "cleaned"
    if seen.consent == "no":
        return "unsubscribed"
    if seen.consent == "yes":
        return "cleaned" if not seen.trap and rng.random() < 0.02 else "subscribed"
    return "transactional"


def _address(address: Address | None) -> str | dict[str, str]:
    if address is None:
        return ""
    place = {"city": address.suburb, "state": address.state, "zip": address.postcode, "country": "AU"}
    return {"addr1": address.street, "addr2": "", **place}
