"""Where a pull starts and where its cursor may go: only to change times the vendor itself wrote."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from connectors.kit.base import Cursor, Record, Stream

SKEW = timedelta(minutes=10)
"""How far ahead of ours a vendor's clock is believed; a cursor further ahead would freeze the stream."""


def start_of(cursor: Cursor | None, stream: Stream) -> datetime | None:
    """The change time a pull starts from, itself included: position less lookback; None is the very start."""
    if cursor is None or cursor.position is None:
        return None
    try:
        return cursor.position - stream.lookback
    except OverflowError:
        return datetime.min.replace(tzinfo=UTC)


def advance(cursor: Cursor | None, records: Sequence[Record], stream: Stream, now: datetime) -> Cursor:
    """The cursor after these records: the newest believable change time, with the last record that carries it as tie.

    It never goes back, never into the stream's lag, and stays where it is when no record can move it.
    """
    old = cursor or Cursor()
    latest = now - stream.lag if stream.lag else now + SKEW
    position, tie = old.position, old.tie
    for record in records:
        changed = record.changed_at
        if changed is not None and changed <= latest and (position is None or changed >= position):
            position, tie = changed, record.id
    return Cursor(position=position, tie=tie, seen=old.seen)
