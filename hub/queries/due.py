"""The clock of an opt-out: since when a no stands, until when it must be everywhere, and where it has not arrived."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from hub.consent.desired import desired
from hub.consent.events import Event, Key
from hub.consent.policy import Policy, Reach
from hub.consent.resolution import resolve
from hub.stages.ledger import Line

SETTLED = frozenset({"confirmed", "not_held", "vendor_locked", "unsupported", "superseded"})
"""What became of an opt-out that nobody needs to wait for."""

UNSETTLED_NOES = frozenset({"under_way", "rejected", "dead"})
"""Why an opt-out is not planned again although it has not arrived."""

_NOES = frozenset({"withdraw", "object", "suppress"})
_TICK = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of one address, its own events and those that reach it, as `resolve` wants it."""

    line: Line
    events: Sequence[Event]
    severe: Sequence[datetime]

    def began(self, reach: Reach, scope: str, policy: Policy) -> datetime | None:
        """When the hub learned of the no that stands at a scope; a second no does not start the clock anew."""
        began = None
        for at in sorted({one.observed_at for one in self.events if one.action in _NOES}, reverse=True):
            if self._asks_out(reach, scope, policy, at):
                began = at
                if not self._asks_out(reach, scope, policy, at - _TICK):
                    break
        return began

    def _asks_out(self, reach: Reach, scope: str, policy: Policy, as_of: datetime) -> bool:
        key = Key(*self.line, reach.purpose, reach.brand)
        return desired(resolve(self.events, key, policy, as_of, self.severe), scope).direction == "out"


def is_open_no(gap: Any) -> bool:
    """Whether a difference (a Gap, or a stored one) is an opt-out that has not arrived and still can."""
    if gap.withheld:
        return gap.reason != "granted" and gap.withheld in UNSETTLED_NOES
    return bool(gap.wanted == "out")
