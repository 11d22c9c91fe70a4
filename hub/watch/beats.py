"""The sign of life of whoever runs the work: a note with the database's time."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from hub.stages import notes
from hub.store.clock import database_now

NOTE = "worker_seen"


def beat(db: Connection) -> None:
    """Say that work is being done."""
    notes.put(db, NOTE, database_now(db).isoformat())


def last_seen(db: Connection) -> datetime | None:
    noted = notes.get(db, NOTE)
    return datetime.fromisoformat(noted) if noted else None
