"""What the health of the jobs is told by: leases whose holder is dead or late, and how long runs have waited."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection as Db
from sqlalchemy import func, select

from hub.stages.runs import runs
from hub.store.clock import database_now
from hub.store.leases import runs_alive, stale


@dataclass(frozen=True, slots=True)
class StaleLease:
    """A lease that the next sweep, or the next who asks, takes away. `seconds`: since the holder was last heard of."""

    name: str
    holder: str
    run_id: int | None
    seconds: float


@dataclass(frozen=True, slots=True)
class Waiting:
    """Runs of one kind that wait: how many, and for how many seconds the oldest has."""

    kind: str
    runs: int
    seconds: float


def stale_leases(db: Db) -> list[StaleLease]:
    now = database_now(db)
    return [StaleLease(row.name, row.holder, row.run_id, (now - row.renewed_at).total_seconds()) for row in stale(db)]


def waiting_runs(db: Db) -> list[Waiting]:
    now = datetime.now(UTC)
    query = (
        select(runs.c.kind, func.count(), func.min(runs.c.queued_at))
        .where(runs.c.status == "queued")
        .group_by(runs.c.kind)
        .order_by(runs.c.kind)
    )
    return [Waiting(kind, number, (now - since).total_seconds()) for kind, number, since in db.execute(query)]


def running_without_lease(db: Db) -> list[int]:
    """Runs that say they run though nobody alive holds a lease for them: each is lost work until the next sweep."""
    alive = runs_alive(db)
    running = db.execute(select(runs.c.id).where(runs.c.status == "running").order_by(runs.c.id)).scalars()
    return [run_id for run_id in running if run_id not in alive]
