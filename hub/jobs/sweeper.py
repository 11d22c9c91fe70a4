"""The sweeper: finds lost runs, queued ones that nobody heard of, changes nobody carries; from the database alone.

Every worker and every scheduler sweeps every ten seconds. A worker that dies on the same machine is noticed by the
next sweep, another machine when the lease ends: within RUN_TERM + SWEEP_SECONDS, which is less than a minute.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection as Db
from sqlalchemy import RowMapping, Select, and_, exists, select

from hub.jobs.doorbell import BellBroken, Doorbell
from hub.jobs.ends import EXIT_BUG
from hub.jobs.leftovers import queue_pushes
from hub.jobs.queue import queue_derive, queued
from hub.settings.settings import Settings
from hub.settings.windows import in_maintenance
from hub.stages.pauses import pauses
from hub.stages.pruning import prune
from hub.stages.run_status import move
from hub.stages.runs import mark_lost, runs
from hub.store.engine import Store
from hub.store.leases import in_words, runs_alive, take_away

SWEEP_SECONDS = 10.0
MOST_ATTEMPTS = 5

log = logging.getLogger("hub.jobs.sweeper")


@dataclass(slots=True)
class Swept:
    """What a sweep found: runs whose worker died, those of them given up, paused ones whose time came, and rings.

    `pushes`: runs for what lay in the outbox; `pruned`: rows that are old enough to be forgotten.
    """

    lost: list[int] = field(default_factory=list)
    given_up: list[int] = field(default_factory=list)
    resumed: list[int] = field(default_factory=list)
    pushes: list[int] = field(default_factory=list)
    rung: int = 0
    pruned: int = 0


@dataclass(slots=True)
class Sweeper:
    """Sweeps at most every `every` seconds."""

    store: Store
    settings: Settings
    bell: Doorbell
    every: float = SWEEP_SECONDS
    _next: float = 0.0

    def sweep_when_due(self) -> Swept | None:
        if time.monotonic() < self._next:
            return None
        self._next = time.monotonic() + self.every
        return self.sweep()

    def sweep(self) -> Swept:
        """Put back what was lost, resume what was paused, carry what was left, and ring for all that waits."""
        swept = Swept()
        with self.store.read() as db:
            alive = runs_alive(db)
            running = db.execute(select(runs).where(runs.c.status == "running")).mappings().all()
            paused = list(db.execute(_paused_until(datetime.now(UTC))).scalars())
        for row in running:
            if row["id"] not in alive:
                self._lose(row, swept)
        for run_id in paused:
            if self.store.write(lambda db, run_id=run_id: _resume(db, run_id)):  # type: ignore[misc]
                swept.resumed.append(run_id)
        swept.pruned = prune(self.store, datetime.now(UTC), self.settings.hub.keep)
        if not self._may_nothing_begin():
            swept.pushes = queue_pushes(self.store, self.settings, datetime.now(UTC))
            swept.rung = self.ring()
        return swept

    def ring(self) -> int:
        """Ring for everything that waits and may begin."""
        if self._may_nothing_begin():
            return 0
        with self.store.read() as db:
            waiting = queued(db)
        try:
            return self.bell.ring(waiting)
        except BellBroken as error:
            log.warning("%s", error)
            return 0

    def _may_nothing_begin(self) -> bool:
        hub = self.settings.hub
        return in_maintenance(hub.maintenance, datetime.now(UTC), hub.timezone)

    def _lose(self, row: RowMapping, swept: Swept) -> None:
        status = self.store.write(lambda db: _lose(db, self.settings.hub.installation, row))
        if status is None:
            return
        log.warning("run %s (%s.%s): its worker died: %s", row["id"], row["connection"], row["stream"], status)
        swept.lost.append(row["id"])
        if status == "failed":
            swept.given_up.append(row["id"])


def _lose(db: Db, installation: str, seen: RowMapping) -> str | None:
    """Take a run away from a dead worker; the run's status after that, None when it was not dead after all."""
    run_id, attempt = seen["id"], seen["attempt"]
    if not take_away(db, run_id):
        return None
    again = select(runs).where(runs.c.id == run_id, runs.c.status == "running", runs.c.attempt == attempt)
    row = db.execute(again.with_for_update()).mappings().first()
    if row is None or row["slices"] != seen["slices"]:
        return None  # another sweeper was quicker
    mark_lost(db, run_id)
    if row["queued_at"] is None:  # a person's own command: what it pulled is kept, and not begun again by itself
        queue_derive(db, installation, f"after run {run_id}")
        return "lost"
    now = datetime.now(UTC)
    if attempt >= MOST_ATTEMPTS:
        told = (
            f"{attempt} workers died at this run, the last was {in_words(row['worker'])}: see its log, or the system's"
        )
        move(db, run_id, "failed", exit_code=EXIT_BUG, finished_at=now, message=told)
        return "failed"
    told = f"resumed after the loss of a worker: {in_words(row['worker'])}"
    move(db, run_id, "queued", attempt=attempt + 1, queued_at=now, finished_at=None, message=told)
    return "queued"


def _paused_until(now: datetime) -> Select[Any]:
    """The paused runs out of the queue whose time has come, if nothing came after them."""
    newer = runs.alias("newer")
    same = and_(*(newer.c[name] == runs.c[name] for name in ("connection", "stream", "kind")))
    is_last = ~exists().where(same, newer.c.id > runs.c.id)
    rests = exists().where(pauses.c.connection == runs.c.connection, pauses.c.stream == runs.c.stream)
    due = runs.c.retry_at.is_not(None) & (runs.c.retry_at <= now) & runs.c.queued_at.is_not(None)
    return select(runs.c.id).where(runs.c.status == "paused", due, is_last, ~rests)


def _resume(db: Db, run_id: int) -> bool:
    now = datetime.now(UTC)
    return move(db, run_id, "queued", queued_at=now, finished_at=None, exit_code=0, message="its time came")
