"""The queue of runs in the database: put in once for each slot, taken by one worker, put back after a slice.

Law: every change of a run's status is one guarded update in the transaction of what it stands for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection as Db
from sqlalchemy import RowMapping, Select, case, func, select

from hub.stages.place import Place
from hub.stages.run_status import WAITING, move
from hub.stages.runs import new_row, note_start, runs
from hub.store.leases import me
from hub.store.sql import insert_one_new

PULL, RECONCILE, DERIVE, PUSH, REFETCH = "pull", "reconcile", "derive", "push", "refetch"

HUB = "hub"
"""In the place of a connection, where a run belongs to none: no connection may be named so."""

MOST_QUEUED = 1_000


@dataclass(frozen=True, slots=True)
class Queued:
    """A run that waits for a worker."""

    id: int
    kind: str
    attempt: int
    slices: int
    connection: str = ""


def queue_run(db: Db, place: Place, kind: str, slot: str, reason: str, full: bool = False) -> int | None:
    """Queue a run for this slot; None where the slot had its run already, whoever queued it."""
    now = datetime.now(UTC)
    row = new_row(place, kind, status="queued", slot=slot, queued_at=now, full=full)
    return insert_one_new(db, runs, {**row, "message": reason})


def queue_soon(db: Db, place: Place, kind: str, reason: str, full: bool = False) -> int | None:
    """Queue a run unless one of its kind waits already; one that has begun does not count, it may be past the news.

    Raced by others, all of them find the same slot: that after the last one which began.
    """
    own = (runs.c.connection == place.connection) & (runs.c.stream == place.stream) & (runs.c.kind == kind)
    begun = db.execute(select(func.max(runs.c.id)).where(own, runs.c.status != "queued")).scalar()
    return queue_run(db, place, kind, f"after {begun or 0}", reason, full)


def derive_place(installation: str) -> Place:
    return Place(installation, HUB, DERIVE)


def queue_derive(db: Db, installation: str, reason: str) -> int | None:
    """Queue what follows from news: deriving, and at its end the pushes of what has become different."""
    return queue_soon(db, derive_place(installation), DERIVE, reason)


def push_place(installation: str, destination: str) -> Place:
    return Place(installation, destination, PUSH)


def refetch_place(installation: str, connection: str) -> Place:
    return Place(installation, connection, REFETCH)


def claim(db: Db, place: Place, run_id: int) -> RowMapping | None:
    """Begin a queued run, or its next slice; its row, or None where it is not queued any more."""
    now = datetime.now(UTC)
    began = func.coalesce(runs.c.started_at, now)
    if not move(db, run_id, "running", worker=me(), slices=runs.c.slices + 1, started_at=began, message=""):
        return None
    row = db.execute(select(runs).where(runs.c.id == run_id)).mappings().one()
    if row["slices"] == 1 and row["kind"] in (PULL, RECONCILE):
        note_start(db, place, now, whole=row["kind"] == RECONCILE)
    return row


def put_back(db: Db, run_id: int, message: str, **values: Any) -> bool:
    """A running run waits again, behind those that wait already."""
    return move(db, run_id, "queued", queued_at=datetime.now(UTC), message=message, **values)


def queued(db: Db) -> list[Queued]:
    """What waits, in the order in which it is to begin: new pushes first, for they carry the opt-outs; else as it came.

    A push that was put back has only a backlog left: every opt-out since then has queued another one.
    """
    pushes_first = case(((runs.c.kind == PUSH) & (runs.c.slices == 0), 0), else_=1)
    query = select(runs).where(runs.c.status == "queued").order_by(pushes_first, runs.c.queued_at, runs.c.id)
    return [_queued(row) for row in db.execute(query.limit(MOST_QUEUED)).mappings()]


def among(db: Db, run_ids: Sequence[int]) -> list[Queued]:
    """Those of these runs that wait."""
    query = select(runs).where(runs.c.id.in_(run_ids), runs.c.status == "queued").order_by(runs.c.id)
    return [_queued(row) for row in db.execute(query).mappings()]


def one(db: Db, run_id: int) -> RowMapping | None:
    return db.execute(select(runs).where(runs.c.id == run_id)).mappings().first()


def others_wait(db: Db, run_id: int) -> bool:
    """Whether any other run waits."""
    query = select(runs.c.id).where(runs.c.status == "queued", runs.c.id != run_id).limit(1)
    return db.execute(query).first() is not None


def is_followed(db: Db, run: RowMapping) -> bool:
    """Whether another run of this one's place and kind waits, which will do all that this one would."""
    same = (runs.c.connection == run["connection"]) & (runs.c.stream == run["stream"]) & (runs.c.kind == run["kind"])
    query = select(runs.c.id).where(same, runs.c.status == "queued", runs.c.id != run["id"]).limit(1)
    return db.execute(query).first() is not None


def is_under_way(db: Db, place: Place, kind: str) -> bool:
    """Whether a run of this kind waits or runs there."""
    return db.execute(_of(place, kind).where(runs.c.status.in_(WAITING)).limit(1)).first() is not None


def last_ended(db: Db, place: Place, kind: str) -> RowMapping | None:
    """The newest run of this kind there that is neither waiting nor running."""
    query = _of(place, kind).where(runs.c.status.not_in(WAITING)).order_by(runs.c.id.desc()).limit(1)
    return db.execute(query).mappings().first()


def _of(place: Place, kind: str) -> Select[Any]:
    own = (runs.c.connection == place.connection) & (runs.c.stream == place.stream)
    return select(runs).where(own, runs.c.kind == kind)


def _queued(row: RowMapping) -> Queued:
    return Queued(row["id"], row["kind"], row["attempt"], row["slices"], row["connection"])
