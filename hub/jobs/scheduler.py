"""The scheduler: queues what is due by the database, each slot once, however many schedulers there are."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection as Db
from sqlalchemy import RowMapping
from sqlalchemy.exc import DBAPIError

from hub.crashpoints import crashpoint
from hub.jobs.doorbell import BellBroken, Doorbell
from hub.jobs.ends import NEEDS_ATTENTION
from hub.jobs.queue import (
    DERIVE,
    PULL,
    RECONCILE,
    among,
    derive_place,
    is_under_way,
    last_ended,
    queue_derive,
    queue_run,
)
from hub.jobs.sweeper import Sweeper
from hub.settings.schedule import jitter, next_due
from hub.settings.settings import Connection, ConnectionStream, Settings
from hub.settings.windows import in_maintenance
from hub.stages.consent import anything_waits
from hub.stages.order import place_of
from hub.stages.pauses import paused
from hub.stages.place import Place
from hub.stages.runs import state_of
from hub.store.engine import Store

__all__ = ["NEEDS_ATTENTION", "POLL_SECONDS", "Scheduler", "keep_scheduling"]

POLL_SECONDS = 1.0

FIRST = "first"

log = logging.getLogger("hub.jobs.scheduler")


@dataclass(frozen=True, slots=True)
class Scheduler:
    """Looks what is due at a moment and queues it; others do the work."""

    store: Store
    settings: Settings
    bell: Doorbell

    def tick(self, now: datetime) -> list[int]:
        """Queue a run for every slot that has come and had none, and for news; the runs that are new."""
        hub = self.settings.hub
        if in_maintenance(hub.maintenance, now, hub.timezone):
            return []
        with self.store.read() as db:
            due = [(place, PULL, slot) for place, slot in self.due(db, now)]
            due += [(place, RECONCILE, slot) for place, slot in self.due_whole(db, now)]
            news = anything_waits(db)
        new = [run_id for one in due if (run_id := self._queue(*one)) is not None]
        if news:
            new += self._queue_news()
        if new:
            crashpoint("queue.filled")
        self._ring(new)
        return new

    def due(self, db: Db, now: datetime) -> Iterator[tuple[Place, str]]:
        """The streams that should begin now, each with the name of its slot."""
        for connection, stream, place in self._streams(db):
            slot = self._slot(db, connection, stream, place, now)
            if slot is not None:
                yield place, slot

    def due_whole(self, db: Db, now: datetime) -> Iterator[tuple[Place, str]]:
        """The streams whose reconciliation should begin now, each with the name of its slot."""
        for connection, stream, place in self._streams(db):
            if next_due(stream.reconcile, now) is None:
                continue
            due = next_due(stream.reconcile, state_of(db, place).get("reconcile_from") or now)
            if due is None or due + jitter(connection.name, stream) > now or is_under_way(db, place, RECONCILE):
                continue
            if not _rests(last_ended(db, place, PULL), now) and not _is_wanted_later(
                last_ended(db, place, RECONCILE), now
            ):
                yield place, _slot_name(due)

    def _streams(self, db: Db) -> Iterator[tuple[Connection, ConnectionStream, Place]]:
        resting = paused(db)
        for connection in self.settings.connections.values():
            for stream in connection.streams:
                if not connection.paused and (connection.name, stream.name) not in resting:
                    yield connection, stream, place_of(self.settings, connection.name, stream.name)

    def _slot(
        self, db: Db, connection: Connection, stream: ConnectionStream, place: Place, now: datetime
    ) -> str | None:
        started = state_of(db, place).get("last_started_at")
        due = next_due(stream, started)
        if due is None or due > now or is_under_way(db, place, PULL):
            return None
        if _rests(last_ended(db, place, PULL), now):
            return None
        if started is None:
            return FIRST
        return _slot_name(due) if due + jitter(connection.name, stream) <= now else None

    def _queue(self, place: Place, kind: str, slot: str) -> int | None:
        reason = "never ran" if slot == FIRST else f"its slot {slot[:19]}Z"
        return self.store.write(lambda db: queue_run(db, place, kind, slot, reason))

    def _queue_news(self) -> list[int]:
        """What came in by a webhook or a person's hand does not wait for a stream."""
        place = derive_place(self.settings.hub.installation)
        with self.store.read() as db:
            if is_under_way(db, place, DERIVE):
                return []
        run_id = self.store.write(lambda db: queue_derive(db, self.settings.hub.installation, "news"))
        return [] if run_id is None else [run_id]

    def _ring(self, run_ids: list[int]) -> None:
        if not run_ids:
            return
        with self.store.read() as db:
            new = among(db, run_ids)
        try:
            self.bell.ring(new)
        except BellBroken as error:
            log.warning("%s", error)


def keep_scheduling(scheduler: Scheduler, sweeper: Sweeper, stopping: threading.Event) -> None:
    """Tick every second and sweep when it is due, until `stopping`."""
    while not stopping.wait(POLL_SECONDS):
        try:
            scheduler.tick(datetime.now(UTC))
            sweeper.sweep_when_due()
        except DBAPIError as error:
            log.warning("the database does not answer (%s): trying again", type(error.orig).__name__)


def _rests(last: RowMapping | None, now: datetime) -> bool:
    """Whether a person acts first, or the vendor does not want us back yet; the sweeper resumes what was queued."""
    if last is None or last["exit_code"] in NEEDS_ATTENTION:
        return last is not None
    return _is_wanted_later(last, now)


def _is_wanted_later(last: RowMapping | None, now: datetime) -> bool:
    if last is None or last["status"] != "paused" or last["retry_at"] is None:
        return False
    return last["queued_at"] is not None or bool(last["retry_at"] > now)


def _slot_name(due: datetime) -> str:
    return f"{due:%Y-%m-%dT%H:%M:%S.%fZ}"
