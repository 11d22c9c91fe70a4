"""The figures of what comes in: how far each stream has been read, how its runs went, what is held back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select

from connectors.kit.base import Cursor
from hub.settings.schedule import next_due
from hub.settings.settings import ConnectionStream, Settings
from hub.stages.land import landed
from hub.stages.map import refusals
from hub.stages.pauses import paused
from hub.stages.pruning import counted
from hub.stages.quarantine import rejected
from hub.stages.runs import Buckets, runs, states

UNDER_WAY = ("queued", "running")
PULLS = runs.c.kind == "pull"
BUCKETS = ("applied", "unchanged", "superseded", "quarantined", "dropped")

Name = tuple[str, str]
"""Connection and stream."""


@dataclass(frozen=True, slots=True)
class Coming:
    """How one configured stream stands. `newest_at`: the change time up to which it has been read, if it has one.

    `due_at`: when, counted from the last good run, the next should have begun; None where nothing schedules it.
    """

    connection: str
    stream: str
    paused: bool = False
    newest_at: datetime | None = None
    last_ok_at: datetime | None = None
    due_at: datetime | None = None
    last_status: str = ""
    last_exit_code: int = 0
    records: Mapping[str, int] = field(default_factory=dict)
    quarantine_open: int = 0

    @property
    def name(self) -> str:
        return f"{self.connection}.{self.stream}"


def coming(db: Connection, settings: Settings) -> list[Coming]:
    """Every configured stream, in the order in which they are pulled."""
    summed, latest, held = _summed(db), _latest(db), _quarantined(db)
    pruned = counted(db).pulled
    resting = paused(db)
    known = {(row.connection, row.stream): row for row in db.execute(select(states))}
    found = []
    for connection in settings.connections.values():
        for stream in connection.streams:
            name = (connection.name, stream.name)
            state, last, sums = known.get(name), latest.get(name), summed.get(name)
            found.append(
                Coming(
                    connection=connection.name,
                    stream=stream.name,
                    paused=connection.paused or name in resting,
                    newest_at=_newest(state),
                    last_ok_at=state.last_ok_at if state else None,
                    due_at=_due(stream, state, sums),
                    last_status=last.status if last else "",
                    last_exit_code=last.exit_code if last else 0,
                    records=_records(sums, pruned.get(name, Buckets())) if sums else {},
                    quarantine_open=held.get(name, 0),
                )
            )
    return found


def _records(sums: Any, pruned: Buckets) -> dict[str, int]:
    return {bucket: getattr(sums, bucket) + getattr(pruned, bucket) for bucket in BUCKETS}


def _newest(state: Any) -> datetime | None:
    if state is None or state.cursor is None:
        return None
    return Cursor.model_validate(state.cursor).position


def _due(stream: ConnectionStream, state: Any, sums: Any) -> datetime | None:
    """A stream that never had a good run is counted from its first attempt."""
    began = (state.last_ok_at if state else None) or (sums.first_at if sums else None)
    return next_due(stream, began) if began else None


def _summed(db: Connection) -> dict[Name, Any]:
    sums = [func.sum(runs.c[bucket]).label(bucket) for bucket in BUCKETS]
    query = select(runs.c.connection, runs.c.stream, func.min(runs.c.started_at).label("first_at"), *sums)
    found = db.execute(query.where(PULLS).group_by(runs.c.connection, runs.c.stream))
    return {(row.connection, row.stream): row for row in found}


def _latest(db: Connection) -> dict[Name, Any]:
    """The last run of each stream that has ended."""
    newest = (
        select(func.max(runs.c.id))
        .where(PULLS & runs.c.status.not_in(UNDER_WAY))
        .group_by(runs.c.connection, runs.c.stream)
    )
    query = select(runs.c.connection, runs.c.stream, runs.c.status, runs.c.exit_code).where(runs.c.id.in_(newest))
    return {(row.connection, row.stream): row for row in db.execute(query)}


def _quarantined(db: Connection) -> dict[Name, int]:
    found: dict[Name, int] = defaultdict(int)
    unlandable = select(rejected.c.connection, rejected.c.stream, func.count()).group_by(
        rejected.c.connection, rejected.c.stream
    )
    refused = (
        select(landed.c.connection, landed.c.stream, func.count())
        .select_from(refusals.outerjoin(landed, landed.c.id == refusals.c.record_id))  # from the few to the many
        .group_by(landed.c.connection, landed.c.stream)
    )
    for query in (unlandable, refused):
        for connection, stream, number in db.execute(query):
            found[connection, stream] += number
    return dict(found)
