"""The database's clock: what leases are measured with, so that machines with different clocks agree."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, text


def database_now(db: Connection) -> datetime:
    """The time of the database server; SQLite has none but this machine's. It is asked once in a transaction."""
    if db.dialect.name == "sqlite":
        return datetime.now(UTC)
    transaction, since = db.get_transaction(), time.monotonic()
    told: _Told | None = db.info.get("clock")
    if told is None or transaction is None or told.transaction is not transaction:
        now: datetime = db.execute(text("SELECT clock_timestamp()")).scalar_one()
        told = db.info["clock"] = _Told(db.get_transaction(), now.astimezone(UTC), since)
    return told.now + timedelta(seconds=since - told.since)


class _Told(NamedTuple):
    """What the server said, and when it was asked by a clock that only goes on."""

    transaction: object
    now: datetime
    since: float
