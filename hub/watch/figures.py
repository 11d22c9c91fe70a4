"""The figures that metrics, alerts and the doctor are made of: read in one snapshot, no person in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, case, func, select, true

from hub.queries.totals import contacts_total, review_open
from hub.settings.settings import Settings
from hub.stages import consent
from hub.stages.freeze import frozen_since
from hub.stages.map import marks
from hub.stages.notices import dead_by_target
from hub.stages.passes import HELD, passes
from hub.stages.pruning import counted
from hub.stages.runs import runs
from hub.store.clock import database_now
from hub.store.leases import leases
from hub.store.migrate import schema_version
from hub.watch.beats import last_seen
from hub.watch.coming import Coming, coming
from hub.watch.going import Going, going
from hub.watch.tables import FIRING, alert_states

HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Asking:
    """A reconciliation that asks a person: which run, of which stream, and how many of how many records are gone."""

    run_id: int
    stream: str
    gone: int
    records: int


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything at one moment, `now`, by the database's clock. `marks`: what waits for a stage, by its name.

    `dead_notices`: what was given up, by subscriber or help desk.
    """

    now: datetime
    schema: str = ""
    coming: tuple[Coming, ...] = ()
    going: tuple[Going, ...] = ()
    marks: Mapping[str, int] = field(default_factory=dict)
    contacts: int = 0
    review_open: int = 0
    leases_held: int = 0
    runs_lost: int = 0
    lost_last_hour: int = 0
    worker_seen_at: datetime | None = None
    frozen_since: datetime | None = None
    firing: Mapping[str, int] = field(default_factory=dict)
    dead_notices: Mapping[str, int] = field(default_factory=dict)
    gone: tuple[Asking, ...] = ()


def figures(db: Connection, settings: Settings) -> Figures:
    """Count everything. Costs a walk over the runs and the attempts; nothing is kept."""
    now = database_now(db)
    ever, lately = _lost(db, now)
    return Figures(
        now=now,
        schema=schema_version(db) or "",
        coming=tuple(coming(db, settings)),
        going=tuple(going(db, settings)),
        marks={"resolve": _count(db, marks), "consent": consent.waiting(db)},
        contacts=contacts_total(db),
        review_open=review_open(db),
        leases_held=_count(db, leases, leases.c.until > now),
        runs_lost=ever,
        lost_last_hour=lately,
        worker_seen_at=last_seen(db),
        frozen_since=frozen_since(db),
        firing=_firing(db),
        dead_notices=dead_by_target(db),
        gone=tuple(_asking(db)),
    )


def _count(db: Connection, of: Table, where: ColumnElement[bool] | None = None) -> int:
    return db.execute(select(func.count()).select_from(of).where(true() if where is None else where)).scalar_one()


def _lost(db: Connection, now: datetime) -> tuple[int, int]:
    """How often a run lost its lease: ever, and among the runs that moved in the last hour."""
    times = runs.c.attempt - 1 + case((runs.c.status == "lost", 1), else_=0)
    moved_at = func.coalesce(runs.c.finished_at, runs.c.started_at, runs.c.queued_at)
    lately: Any = func.sum(case((moved_at > now - HOUR, times), else_=0))
    row = db.execute(select(func.sum(times), lately)).one()
    return (row[0] or 0) + counted(db).lost, row[1] or 0


def _asking(db: Connection) -> Iterator[Asking]:
    query = select(passes).where(passes.c.status == HELD).order_by(passes.c.run_id)
    for row in db.execute(query):
        yield Asking(row.run_id, f"{row.connection}.{row.stream}", row.gone, row.records)


def _firing(db: Connection) -> dict[str, int]:
    query = select(alert_states.c.rule, func.count()).where(alert_states.c.state == FIRING)
    return {row[0]: row[1] for row in db.execute(query.group_by(alert_states.c.rule))}
