"""The database's clock: what leases are measured with, so that machines with different clocks agree."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Connection, text


def database_now(db: Connection) -> datetime:
    """The time of the database server; SQLite has none but this machine's."""
    if db.dialect.name == "sqlite":
        return datetime.now(UTC)
    now: datetime = db.execute(text("SELECT clock_timestamp()")).scalar_one()
    return now.astimezone(UTC)
