"""The operator's consent policy as the pure functions see it; `hub/settings` reads it from consent.yaml."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

NOT_ACTS = frozenset({"", "import", "sync_state"})
"""Methods that are nobody's own act: they grant only where no withdrawal is known."""


@dataclass(frozen=True, slots=True)
class Inferred:
    """The operator's own legal call: consent that follows from buying, for so long, from these connections."""

    channels: frozenset[str]
    sources: frozenset[str]
    expires: timedelta


@dataclass(frozen=True, slots=True)
class Reach:
    """What a list, sender or subscription type stands for."""

    purpose: str = "marketing"
    brand: str = "*"


@dataclass(frozen=True, slots=True)
class Due:
    """How long an opt-out may take: business days, or plain time."""

    business_days: int = 0
    time: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class Policy:
    """What evidence is worth. `grant_sources`: by channel, (connection, method), method "" for any.

    `tolerance` works against a grant when two clocks are compared. `lists`: by scope, "connection/list id".
    """

    grant_sources: Mapping[str, frozenset[tuple[str, str]]] = field(default_factory=dict)
    foreign_writers: frozenset[str] = frozenset()
    tolerance: timedelta = timedelta(minutes=5)
    one_purpose_stops_all: bool = False
    mixed_addresses: Literal["strict", "address"] = "strict"
    inferred: Inferred | None = None
    pending_expires: timedelta = timedelta(days=30)
    max_age: timedelta = timedelta(hours=24)
    lists: Mapping[str, Reach] = field(default_factory=dict)
    never_contact_domains: frozenset[str] = frozenset()
    jurisdiction: str = "default"
    due: Mapping[str, Due] = field(default_factory=lambda: {"default": Due(time=timedelta(days=2))})

    def trusts(self, source: str, method: str, channel: str) -> bool:
        """Whether a yes of this connection, come about by this method, may grant on the channel at all."""
        trusted = self.grant_sources.get(channel, frozenset())
        return (source, "") in trusted or (source, method) in trusted

    def reach_of(self, scope: str) -> Reach:
        return self.lists.get(scope, Reach())

    def due_at(self, started: datetime) -> datetime:
        """When an opt-out that began then must have arrived everywhere; weekends do not count as business days."""
        rule = self.due.get(self.jurisdiction) or self.due["default"]
        at = started + rule.time
        for _ in range(rule.business_days):
            at += timedelta(days=1)
            while at.weekday() >= 5:
                at += timedelta(days=1)
        return at
