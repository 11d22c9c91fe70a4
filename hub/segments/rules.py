"""A segment: its name, its title, its channel, and the test of a contact's facts."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from hub.segments.conditions import Facts, Group
from hub.segments.spec import Channel


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a contact is in the segment, and the next moment when time alone makes it otherwise; None if never."""

    inside: bool
    recheck_at: datetime | None


@dataclass(frozen=True, slots=True)
class Segment:
    """A compiled segment. `channel`: on which its members will be addressed. Made by `compile_segment`."""

    name: str
    title: str
    channel: Channel
    rule: Group

    @property
    def fingerprint(self) -> str:
        """64 hexadecimal digits that change with the rule or the channel: then every contact must be asked again."""
        return hashlib.sha256(repr((self.channel, self.rule.key)).encode()).hexdigest()

    def test(self, facts: Facts, as_of: datetime) -> Verdict:
        """Judge a contact's facts (see `fields.FIELDS`) at a moment; every moment in UTC."""
        inside = self.rule.holds(facts, as_of)
        for moment in sorted({turn for turn in self.rule.turns(facts) if turn > as_of}):
            if self.rule.holds(facts, moment) is not inside:
                return Verdict(inside, moment)
        return Verdict(inside, None)
