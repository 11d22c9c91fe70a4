"""How much room is left on the disk of a SQLite file; a PostgreSQL server looks after its own."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import make_url


@dataclass(frozen=True, slots=True)
class Room:
    """Bytes."""

    free: int
    total: int

    @property
    def share(self) -> float:
        return self.free / self.total if self.total else 0.0


def file_of(database_url: str) -> Path | None:
    """The SQLite file behind a URL; None for a server."""
    url = make_url(database_url)
    return Path(url.database) if url.get_backend_name() == "sqlite" and url.database else None


def room_for(database_url: str) -> Room | None:
    """None where it cannot be told."""
    file = file_of(database_url)
    if file is None:
        return None
    try:
        usage = shutil.disk_usage(file.parent)
    except OSError:
        return None
    return Room(usage.free, usage.total)
