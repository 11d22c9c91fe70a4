"""Single remembered values: which policy, model and installation the derived tables were made with."""

from __future__ import annotations

from sqlalchemy import Connection, select

from hub.store.operating.notes import Note
from hub.store.sql import table, upsert

notes = table(Note)


def get(db: Connection, name: str) -> str | None:
    return db.execute(select(notes.c.value).where(notes.c.name == name)).scalar()


def put(db: Connection, name: str, value: str) -> None:
    upsert(db, notes, [{"name": name, "value": value}])
