"""What a pair's addresses allow at present: told beside each record, and never to be chosen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from hub.access.masking import mask_key
from hub.stages.consent import states
from hub.stages.holdings import holdings
from hub.stages.reading import members
from hub.store.sql import any_of

MOST_ADDRESSES = 20


@dataclass(frozen=True, slots=True)
class Consent:
    """One address on one channel: whether it may be sent to, why, and which of the two records show it."""

    channel: str
    address: str
    state: str
    may_send: bool
    reason: str
    at: datetime | None
    left: bool
    right: bool


def consents_of(db: Connection, both: Sequence[tuple[int, str]], masked: bool) -> list[Consent]:
    """Of the addresses of two contacts, named by (record, contact); the strictest first."""
    held = (
        select(holdings.c.channel, holdings.c.address, holdings.c.record_id)
        .join(members, members.c.record_id == holdings.c.record_id)
        .where(members.c.contact_id.in_([contact_id for _, contact_id in both]))
        .order_by(holdings.c.channel, holdings.c.address)
        .limit(MOST_ADDRESSES * 5)
    )
    holders: dict[tuple[str, str], set[int]] = {}
    for row in db.execute(held):
        holders.setdefault((row.channel, row.address), set()).add(row.record_id)
    lines = list(holders)[:MOST_ADDRESSES]
    if not lines:
        return []
    known = db.execute(select(states).where(any_of((states.c.channel, states.c.address), lines))).all()
    strictest = {(row.channel, row.address): row for row in sorted(known, key=lambda row: not row.may_send)}
    found = [
        Consent(
            *(row.channel, mask_key(row.address) if masked else row.address, row.recorded, row.may_send, row.reason),
            *(row.at, *(record in holders[line] for record, _ in both)),
        )
        for line, row in strictest.items()
    ]
    return sorted(found, key=lambda one: (one.may_send, one.channel, one.address))
