"""The help desk that every contender reads: generated people as users of our Zendesk simulator. Nothing about serving.

Its clock is the benchmark's own, in the past, so that every run reads the same bytes and no start is too recent.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from benchmarks.people import PROFILES, People, generate
from connectors.zendesk.simulator import ZendeskSimulator

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
FIRST_ID = 35_436
SEED = 101
EMAIL_STATES = ("granted",) * 5 + ("withdrawn",) + (None,) * 4
SMS_STATES = ("granted",) * 2 + (None,) * 8

MOBILES = 40
"""Australian mobile numbers begin with 0400 to 0439, among others."""

Row = dict[str, Any]


class Desk:
    """`records` users, of whom each change gives some a new number. `newest`: the time of the last change of all."""

    def __init__(self, records: int) -> None:
        self.records = records
        self.now = BEGIN
        self.newest = _changed_at(records - 1, records)
        self.simulator = ZendeskSimulator(now=lambda: self.now)
        self.simulator.hold_back = timedelta(0)
        self.simulator.repeats = 0
        self.simulator.incremental_limit = 1_000_000
        self.simulator.load(users(generate(records, PROFILES["base"], SEED)))
        self._rounds = 0

    def change(self, count: int) -> None:
        """Give `count` users, spread over all, a number they never had: one a second, a day after the change before."""
        self._rounds += 1
        self.now += timedelta(days=1)
        step = max(1, self.records // count)
        for place in range(min(count, self.records)):
            self.now += timedelta(seconds=1)
            number = f"+614{self._rounds % MOBILES:02}{place % 1_000_000:06}"
            self.simulator.edit(FIRST_ID + place * step, phone=number)
        self.newest = self.now
        self.now += timedelta(hours=1)


def users(people: People) -> Iterator[Row]:
    """One user for each record, most with the fields that a desk fills in."""
    chance = random.Random(SEED)
    for place in range(len(people)):
        changed = _changed_at(place, len(people))
        yield {
            "id": FIRST_ID + place,
            "name": people.full[place] or _named_after(people.email[place]),
            "email": _reachable(people.email[place]) or None,
            "phone": _in_a_range_that_is_used(people.phone[place], place) or None,
            "external_id": people.member[place] or None,
            "organization_id": 360_000_000 + place % 500 if people.company[place] else None,
            "tags": chance.sample(("vip", "trade", "newsletter", "returns", "phone"), k=chance.randint(0, 3)),
            "user_fields": {
                "consent_email": chance.choice(EMAIL_STATES) if people.email[place] else None,
                "consent_sms": chance.choice(SMS_STATES) if people.phone[place] else None,
            },
            "details": ", ".join(filter(None, (people.street[place], people.city[place], people.postcode[place]))),
            "notes": "rang about the late parcel; will call again" if chance.random() < 0.3 else "",
            "created_at": _stamp(changed - timedelta(days=chance.randint(1, 900))),
            "updated_at": _stamp(changed),
        }


def _named_after(email: str) -> str:
    """What a desk calls somebody of whom it knows the address only."""
    return " ".join(re.split(r"[._+-]", email.partition("@")[0])).title()


def _reachable(email: str) -> str:
    """The generated providers end in .test, which no mapping takes for an address."""
    return email.removesuffix(".test") + ".example.com" if email.endswith(".test") else email


def _in_a_range_that_is_used(phone: str, place: int) -> str:
    """The same number for the same one, as people write it: every other one without the country."""
    digits = re.sub(r"\D", "", phone)
    if not digits:
        return ""
    area, end = f"4{int(digits) % MOBILES:02}", digits[-6:].zfill(6)
    return f"+61{area}{end}" if place % 2 else f"0{area} {end[:3]} {end[3:]}"


def _changed_at(place: int, records: int) -> datetime:
    return BEGIN - timedelta(seconds=60 * (records - place))


def _stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
