"""The scheduler of one process: looks every second what is due, by the database, and runs it; then pushes."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection as Db
from sqlalchemy import select

from hub.jobs.inline import Reporter, Runner
from hub.jobs.rounds import push_what_may_go
from hub.settings.schedule import next_due
from hub.settings.settings import Connection, ConnectionStream, Settings
from hub.stages.consent import waiting
from hub.stages.order import derive, place_of
from hub.stages.place import Place
from hub.stages.pull import Wish
from hub.stages.runs import runs, state_of
from hub.store.engine import Store

POLL_SECONDS = 1.0

NEEDS_ATTENTION = frozenset({77, 78})
"""Ends after which knocking again helps nobody: credentials or settings are wrong. A `hub sync` that works ends it."""


@dataclass(slots=True)
class Scheduler:
    """Runs what is due until `stopping` is set; one stream at a time, each under its lease."""

    store: Store
    settings: Settings
    reporter: Reporter
    stopping: threading.Event

    def run(self) -> None:
        while not self.stopping.wait(POLL_SECONDS):
            self.run_due(datetime.now(UTC))

    def run_due(self, now: datetime) -> int:
        """Run every stream that is due now, then resolve and push what may go; how many ran.

        What came in by a webhook or a person's hand since does not wait for a stream.
        """
        due = self.due(now)
        runner = Runner(self.store, self.settings, self.reporter, self.stopping.is_set)
        for connection, stream in due:
            if not self.stopping.is_set():
                runner.run(connection, stream, Wish())
        if due or self._has_news():
            derive(self.store, self.settings)
            push_what_may_go(self.store, self.settings, self.stopping.is_set)
        return len(due)

    def _has_news(self) -> bool:
        with self.store.read() as db:
            return waiting(db) > 0

    def due(self, now: datetime) -> list[tuple[Connection, ConnectionStream]]:
        with self.store.read() as db:
            return [
                (connection, stream)
                for connection in self.settings.connections.values()
                if not connection.paused
                for stream in connection.streams
                if self._is_due(db, stream, place_of(self.settings, connection.name, stream.name), now)
            ]

    def _is_due(self, db: Db, stream: ConnectionStream, place: Place, now: datetime) -> bool:
        last = db.execute(
            select(runs.c.exit_code, runs.c.retry_at)
            .where(runs.c.connection == place.connection, runs.c.stream == place.stream)
            .order_by(runs.c.id.desc())
            .limit(1)
        ).first()
        if last and (last.exit_code in NEEDS_ATTENTION or (last.retry_at and last.retry_at > now)):
            return False
        due = next_due(stream, state_of(db, place).get("last_started_at"))
        return due is not None and due <= now
