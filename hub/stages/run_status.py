"""The statuses of a run and which of them may follow which: the one place that knows, and the one way to move."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, update

from hub.store.operating.runs import SyncRun
from hub.store.sql import table

runs = table(SyncRun)

FOLLOWS: Mapping[str, frozenset[str]] = {
    "queued": frozenset({"running", "cancelled", "failed"}),
    "running": frozenset({"queued", "ok", "held", "paused", "failed", "cancelled", "lost"}),
    "paused": frozenset({"queued"}),
    "lost": frozenset({"queued", "failed"}),
    "ok": frozenset(),
    "held": frozenset(),
    "failed": frozenset(),
    "cancelled": frozenset(),
}
"""running to queued: a slice of it is done. lost: the worker died; a run that came out of the queue goes back there."""

WAITING = frozenset({"queued", "running"})


def move(db: Connection, run_id: int, status: str, *, expected: str | None = None, **values: Any) -> bool:
    """Give a run this status, and these columns; False, and nothing done, where it may not follow what it has now.

    `expected`: it must have this one now.
    """
    before = [one for one, after in FOLLOWS.items() if status in after and expected in (None, one)]
    own = (runs.c.id == run_id) & runs.c.status.in_(before)
    return db.execute(update(runs).where(own).values(status=status, **values)).rowcount == 1
