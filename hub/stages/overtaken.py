"""Which records of a read are left to the next one: a consent write of ours to them was under way meanwhile.

Nobody can tell whether such a version is older than our write, or a person has undone the write since: landed, it
would be a person's word where it may be none. The next read tells, for whoever came last has moved the record; a write
that was never applied is read for by the push that finds out about it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection

from hub.consent.sightings import OwnWrite, is_from_before
from hub.stages.evidence import seen_in
from hub.stages.land import Arrival
from hub.stages.sights import LineKey, writes_since
from mapping.models import Mapped, Person


def overtaken(
    db: Connection,
    connection: str,
    arriving: Sequence[Arrival],
    mapped: Mapping[str, Mapped],
    asked_at: datetime,
    now: datetime,
) -> set[str]:
    """The ids of those that show what was there before a write of ours which was not answered when they were asked for.

    `mapped`: by content hash, what is new about them; whatever is not in it was known before.
    """
    writes = writes_since(db, connection, asked_at, now)
    return {
        one.record.id
        for one in arriving
        if one.record.id in writes
        and not one.record.deleted
        and _shows_what_was(connection, mapped.get(one.content_hash), writes[one.record.id])
    }


def _shows_what_was(connection: str, mapped: Mapped | None, writes: Sequence[tuple[LineKey, OwnWrite]]) -> bool:
    if mapped is None:
        return True
    shown = mapped.value.consents if isinstance(mapped.value, Person) else ()
    return any(
        (seen.channel, seen.address) == line[:2] and is_from_before(seen, write)
        for seen in (seen_in(connection, observed) for observed in shown)
        for line, write in writes
    )
