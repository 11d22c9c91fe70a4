"""Streams that a person lets rest: nothing begins there by itself, neither a pull nor a reconciliation.

What leaves is not held up by it: an opt-out never waits for a person.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, RowMapping, delete, select

from hub.store.operating.pauses import StreamPause
from hub.store.sql import insert_new, table

pauses = table(StreamPause)


def paused(db: Connection) -> Mapping[tuple[str, str], RowMapping]:
    """The pauses by connection and stream; few, and read whole."""
    return {(row["connection"], row["stream"]): row for row in db.execute(select(pauses)).mappings()}


def pause(db: Connection, connection: str, stream: str, by: str, now: datetime) -> None:
    """A stream that rests already keeps who paused it and when."""
    insert_new(db, pauses, [{"connection": connection, "stream": stream, "paused_by": by, "paused_at": now}])


def resume(db: Connection, connection: str, stream: str) -> None:
    own = (pauses.c.connection == connection) & (pauses.c.stream == stream)
    db.execute(delete(pauses).where(own))
