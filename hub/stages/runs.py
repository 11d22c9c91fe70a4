"""Runs as rows: begun before the first request, counted in every checkpoint, ended with a reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, func, insert, select, update

from connectors.kit.base import Cursor
from hub.stages.place import Place
from hub.stages.run_status import move
from hub.stages.run_status import runs as runs
from hub.store.jsontext import storable
from hub.store.operating.runs import StreamState
from hub.store.sql import insert_new, table

states = table(StreamState)


@dataclass(slots=True)
class Buckets:
    """Where the fetched rows went. Every row goes into exactly one bucket."""

    fetched: int = 0
    applied: int = 0
    unchanged: int = 0
    superseded: int = 0
    quarantined: int = 0
    dropped: int = 0
    remarks: int = 0

    def add_up(self) -> bool:
        return self.fetched == (self.applied + self.unchanged + self.superseded + self.quarantined + self.dropped)

    def __iadd__(self, other: Buckets) -> Buckets:
        for name, count in asdict(other).items():
            setattr(self, name, getattr(self, name) + count)
        return self


def begin(db: Connection, place: Place, worker: str, full: bool, kind: str = "pull") -> int:
    """Write the run's row before anything is asked of the vendor; its id."""
    now = datetime.now(UTC)
    row = new_row(place, kind, status="running", worker=worker, full=full, started_at=now, slices=1)
    run_id: int = db.execute(insert(runs).returning(runs.c.id), row).scalar_one()
    note_start(db, place, now, whole=kind != "pull")
    return run_id


def new_row(place: Place, kind: str, **values: Any) -> dict[str, Any]:
    """A run's row that has counted nothing."""
    plain = {"worker": "", "full": False, "attempt": 1, "slices": 0, "message": "", "exit_code": 0}
    return {
        "connection": place.connection,
        "stream": place.stream,
        "kind": kind,
        **plain,
        **asdict(Buckets()),
        **values,
    }


def note_start(db: Connection, place: Place, now: datetime, whole: bool = False) -> None:
    """The stream's schedule counts from here; that of its reconciliations from the first pull and from each `whole`."""
    row = {"connection": place.connection, "stream": place.stream, "mapping": "", "reconcile_from": now}
    insert_new(db, states, [row])
    counted = now if whole else func.coalesce(states.c.reconcile_from, now)
    _set_state(db, place, last_started_at=now, reconcile_from=counted)


def buckets_of(row: RowMapping) -> Buckets:
    """What a run has counted so far."""
    return Buckets(**{name: row[name] for name in asdict(Buckets())})


def count(db: Connection, run_id: int, buckets: Buckets) -> None:
    db.execute(update(runs).where(runs.c.id == run_id).values(**asdict(buckets)))


def finish(
    db: Connection, place: Place, run_id: int, status: str, exit_code: int, *, message: str, **more: Any
) -> None:
    """End a running run; `more` may give retry_at and the like."""
    now = datetime.now(UTC)
    move(db, run_id, status, exit_code=exit_code, finished_at=now, message=storable(message), **more)
    if status in ("ok", "held"):
        _set_state(db, place, last_ok_at=now)


def mark_lost(db: Connection, run_id: int | None) -> None:
    """A run whose worker died: its rows stay, its cursor is right, the next run goes on from there."""
    if run_id is not None:
        move(db, run_id, "lost", finished_at=datetime.now(UTC), message="the worker died; the next run goes on")


def state_of(db: Connection, place: Place) -> Mapping[str, Any]:
    """The stream's saved state; empty when it never ran."""
    row = db.execute(
        select(states).where(states.c.connection == place.connection, states.c.stream == place.stream)
    ).mappings()
    return dict(row.first() or {})


def cursor_of(db: Connection, place: Place) -> Cursor | None:
    saved = state_of(db, place).get("cursor")
    return None if saved is None else Cursor.model_validate(saved)


def save_cursor(db: Connection, place: Place, cursor: Cursor) -> None:
    """Move the cursor forward: an empty or older one never replaces what is there."""
    saved = cursor_of(db, place)
    if cursor.is_empty() or (saved is not None and _goes_back(saved, cursor)):
        return
    _set_state(db, place, cursor=cursor.model_dump(mode="json"))


def save_mapping(db: Connection, place: Place, fingerprint: str) -> None:
    _set_state(db, place, mapping=fingerprint)


def _goes_back(saved: Cursor, cursor: Cursor) -> bool:
    if saved.position is None:
        return False
    return cursor.position is None or cursor.position < saved.position


def _set_state(db: Connection, place: Place, **values: Any) -> None:
    db.execute(
        update(states).where(states.c.connection == place.connection, states.c.stream == place.stream).values(**values)
    )
