"""What a person does to a stream besides its schedule: run it now, let it rest, let it go on."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection as Db
from sqlalchemy import select

from hub.jobs.queue import PULL, RECONCILE, queue_soon
from hub.settings.settings import Settings
from hub.stages import pauses
from hub.stages.order import place_of
from hub.stages.run_status import move, runs


def run_now(db: Db, settings: Settings, connection: str, stream: str, by: str, full: bool = False) -> int | None:
    """Queue a pull, also of a stream that rests; None where one waits already. `full`: of everything."""
    return queue_soon(db, place_of(settings, connection, stream), PULL, f"asked for by {by}", full)


def pause(db: Db, connection: str, stream: str, by: str, now: datetime) -> None:
    """From now on nothing begins there by itself. A run under way goes on; one that waits is queued anew later."""
    pauses.pause(db, connection, stream, by, now)
    own = (runs.c.connection == connection) & (runs.c.stream == stream) & runs.c.kind.in_((PULL, RECONCILE))
    waiting = db.execute(select(runs.c.id).where(own, runs.c.status == "queued", runs.c.slices == 0)).scalars().all()
    for run_id in waiting:
        told = f"the stream was paused by {by}"
        move(db, run_id, "cancelled", expected="queued", finished_at=now, message=told, slot=None)


def resume(db: Db, connection: str, stream: str) -> None:
    """The schedule goes on; a slot that has passed meanwhile is due at once."""
    pauses.resume(db, connection, stream)
