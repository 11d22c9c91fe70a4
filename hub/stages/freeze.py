"""Pushes frozen after a restore: the note that says so, and which streams have been read whole since."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from hub.settings.settings import Settings
from hub.stages import notes
from hub.stages.place import Place

NOTE = "pushes_frozen"

WHY = (
    "pushes are frozen since the database was restored: hub doctor --after-restore shows what is missing, "
    "hub doctor --approve-restore ends it"
)


class Frozen(Exception):
    """Nothing may leave: the database was restored, and nobody has looked yet at what would be sent."""

    exit_code = 1

    def __init__(self) -> None:
        super().__init__(WHY)


def freeze(db: Connection, now: datetime) -> datetime:
    """Stop every push, opt-outs too, until `thaw`; since when. Again changes nothing."""
    since = frozen_since(db)
    if since is None:
        notes.put(db, NOTE, now.isoformat())
    return since or now


def thaw(db: Connection) -> None:
    notes.put(db, NOTE, "")


def frozen_since(db: Connection) -> datetime | None:
    noted = notes.get(db, NOTE)
    return datetime.fromisoformat(noted) if noted else None


def refuse_when_frozen(db: Connection) -> None:
    """Raises Frozen."""
    if frozen_since(db) is not None:
        raise Frozen


def note_whole_read(db: Connection, place: Place, began: datetime) -> None:
    """A pull that took everything, from the beginning to the end, has reached the end."""
    notes.put(db, _name(place.connection, place.stream), began.isoformat())


def unread_since(db: Connection, settings: Settings, since: datetime) -> list[str]:
    """The streams (connection.stream) that were not read whole since then; paused connections are left out."""
    return [
        f"{connection.name}.{stream.name}"
        for connection in settings.connections.values()
        if not connection.paused
        for stream in connection.streams
        if not _was_read(db, connection.name, stream.name, since)
    ]


def _was_read(db: Connection, connection: str, stream: str, since: datetime) -> bool:
    noted = notes.get(db, _name(connection, stream))
    return noted is not None and datetime.fromisoformat(noted) >= since


def _name(connection: str, stream: str) -> str:
    return f"read_whole {connection}.{stream}"
