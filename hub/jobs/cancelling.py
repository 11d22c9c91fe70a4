"""A person's wish that a run ends: kept in the run's row, heard at the next page, or before a push's next call."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection as Db
from sqlalchemy import select, update

from hub.jobs.ends import RunEnd
from hub.jobs.queue import PULL, PUSH, RECONCILE, one
from hub.stages.place import Place
from hub.stages.run_status import move, runs
from hub.stages.runs import note_start
from hub.store.engine import Store

READING = frozenset({PULL, RECONCILE})
"""The kinds of runs that read a stream."""

CANCELLABLE = READING | {PUSH}
"""What other kinds leave undone is queued again by itself."""

LOOK_SECONDS = 1.0


class CannotCancel(Exception):
    """There is nothing to cancel; the message says why."""


def cancel(db: Db, installation: str, run_id: int, by: str, now: datetime) -> bool:
    """End a run that waits, or ask the one who is at it to end it; whether it has ended already.

    A waiting run's slot counts as had, or the scheduler would queue it anew at once. Raises CannotCancel.
    """
    row = one(db, run_id)
    if row is None or row["kind"] not in CANCELLABLE:
        raise CannotCancel("Only runs that read a stream, and pushes, can be cancelled.")
    ended = {"finished_at": now, "message": f"cancelled by {by}", "cancelled_by": by}
    if move(db, run_id, "cancelled", expected="queued", **ended):
        if row["kind"] in READING and not row["slices"]:
            place = Place(installation, row["connection"], row["stream"])
            note_start(db, place, now, whole=row["kind"] == RECONCILE)
        return True
    asked = update(runs).where(runs.c.id == run_id, runs.c.status == "running").values(cancelled_by=by)
    if db.execute(asked).rowcount != 1:
        raise CannotCancel(f"Run {run_id} has ended already.")
    return False


@dataclass(slots=True)
class Wish:
    """Whether somebody wants a run to end; looked up once a second at most, and once it is so it stays so."""

    store: Store
    run_id: int
    by: str = ""
    _next_look: float = 0.0

    def __call__(self) -> bool:
        if not self.by and time.monotonic() >= self._next_look:
            self._next_look = time.monotonic() + LOOK_SECONDS
            with self.store.read() as db:
                query = select(runs.c.cancelled_by).where(runs.c.id == self.run_id)
                self.by = db.execute(query).scalar() or ""
        return bool(self.by)

    def tell(self, end: RunEnd, then: str = "the next run goes on from here") -> bool:
        """Say who has cancelled it, where that is why the run ended; whether it is."""
        if not self.by or end.status != "cancelled":
            return False
        end.exit_code, end.message = 0, f"cancelled by {self.by}; {then}"
        return True
