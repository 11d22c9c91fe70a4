"""The words of evidence: keys, and the dated events that everything about consent follows from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Literal
from zoneinfo import ZoneInfo

Action = Literal["grant", "pending", "withdraw", "object", "suppress", "lift", "state_observed", "hold"]
Precision = Literal["second", "date"]

PERSON_ACTS = frozenset({"form", "double_opt_in", "checkbox", "keyword", "link", "agent"})
"""How a person says yes. An import, a default and a copied state are nobody's act."""

PERSON_NOES = frozenset({"form", "keyword", "link", "one_click", "list_unsub", "complaint", "agent", "legal"})
"""How a person says no; what is left is a state somebody read."""

HUB = "hub"
"""The source of what a person recorded in the hub itself."""

EVERYTHING = "*"

_EARLIEST_ZONE, _LATEST_ZONE = timezone(timedelta(hours=14)), timezone(timedelta(hours=-12))


@dataclass(frozen=True, slots=True)
class Key:
    """What consent is asked about. Addresses are normalised; `*` is every brand or purpose."""

    channel: str
    address: str
    purpose: str = "marketing"
    brand: str = EVERYTHING


@dataclass(frozen=True, slots=True)
class Event:
    """One fact about an address, never changed afterwards.

    `value`: the state of a `state_observed`; the reason of a `suppress`, `hold` or `lift`.
    `occurred_at` is when the person acted, None where nobody knows; `observed_at` when the hub learned of it.
    `latest_at`: of a state that was read, the latest moment at which it can have come about.
    `scope`: "connection/list, sender or subscription type"; "" is the whole key.
    `known_since`: when this record first showed this address; None if the record was created with it.
    `lifts`: the event that a `lift` ends. `echo_of`: the delivery of ours that this only repeats.
    `explained_by`: the dated act that this sighting only shows again.
    """

    id: str
    channel: str
    address: str
    action: Action
    observed_at: datetime
    source: str
    record: str = ""
    purpose: str = "marketing"
    brand: str = EVERYTHING
    scope: str = ""
    value: str = ""
    basis: str = ""
    method: str = ""
    occurred_at: datetime | None = None
    precision: Precision = "second"
    zone: str = ""
    latest_at: datetime | None = None
    known_since: datetime | None = None
    lifts: str = ""
    echo_of: str = ""
    explained_by: str = ""
    expires_at: datetime | None = None
    source_event_id: str = ""
    wording: str = ""
    evidence: str = ""
    actor: str = ""
    jurisdiction: str = ""

    @property
    def is_persons_no(self) -> bool:
        return self.method in PERSON_NOES

    def earliest(self) -> datetime | None:
        """The earliest moment at which it can have happened: a bare date begins first at UTC+14."""
        if self.occurred_at is None or self.precision == "second":
            return self.occurred_at
        return _day(self.occurred_at, self.zone, _EARLIEST_ZONE)

    def latest(self) -> datetime | None:
        """The latest moment at which it can have happened: a bare date ends with its day."""
        if self.occurred_at is None or self.precision == "second":
            return self.occurred_at
        return _day(self.occurred_at + timedelta(days=1), self.zone, _LATEST_ZONE)


def _day(date: datetime, zone: str, otherwise: timezone) -> datetime:
    """When the date (midnight UTC stands for it) begins in its zone."""
    there = ZoneInfo(zone) if zone else otherwise
    return datetime(date.year, date.month, date.day, tzinfo=there).astimezone(UTC)
