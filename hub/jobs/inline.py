"""The inline runner: runs syncs in this process, one stream after the other, and says how each ended."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import Connection as Db
from sqlalchemy import update

from connectors.kit.errors import ConnectorError, RateLimited
from connectors.kit.redact import redact
from hub.settings.settings import Connection, ConnectionStream, Settings
from hub.stages import runs
from hub.stages.observe import rules_of
from hub.stages.order import place_of
from hub.stages.place import Place
from hub.stages.pull import Pull, Wish
from hub.stages.runs import Buckets
from hub.store.engine import Store
from hub.store.leases import AlreadyRunning, Held, LeaseLost, give_back, leases, me, take

EXIT_HELD = 1
EXIT_BUG = 65
EXIT_ALREADY_RUNNING = 73
EXIT_TRY_LATER = 75


class Reporter(Protocol):
    """Hears what a run does; a progress bar, JSON lines, or nothing."""

    def started(self, connection: str, stream: str) -> None: ...

    def moved(self, connection: str, stream: str, buckets: Buckets, total: int | None) -> None: ...

    def ended(self, end: RunEnd) -> None: ...


@dataclass(slots=True)
class RunEnd:
    """How one stream's run ended."""

    connection: str
    stream: str
    status: str
    exit_code: int = 0
    message: str = ""
    run_id: int | None = None
    retry_at: datetime | None = None
    gone: int = 0
    buckets: Buckets = field(default_factory=Buckets)

    def as_json(self) -> dict[str, Any]:
        """The contract's document of a run."""
        return {
            "run": self.run_id,
            "connection": self.connection,
            "stream": self.stream,
            "status": self.status,
            **asdict(self.buckets),
            "gone": self.gone,
            "exit_code": self.exit_code,
            "message": self.message,
            "retry_at": self.retry_at.isoformat() if self.retry_at else None,
        }


@dataclass(slots=True)
class Runner:
    """Runs streams of the given settings on the given store."""

    store: Store
    settings: Settings
    reporter: Reporter
    asked_to_stop: Callable[[], bool] = lambda: False

    def run_all(self, connections: Iterable[Connection], wish: Wish) -> list[RunEnd]:
        """Run every stream of these connections; one that fails stops no other."""
        ends: list[RunEnd] = []
        for connection in connections:
            for stream in connection.streams:
                if self.asked_to_stop():
                    return ends
                ends.append(self.run(connection, stream, wish))
        return ends

    def run(self, connection: Connection, stream: ConnectionStream, wish: Wish) -> RunEnd:
        """Run one stream under its lease. Raises nothing: what went wrong is in the end."""
        place = place_of(self.settings, connection.name, stream.name)
        try:
            held, run_id = self.store.write(lambda db: _open(db, place, wish))
        except AlreadyRunning as error:
            return self._told(RunEnd(place.connection, place.stream, "running", EXIT_ALREADY_RUNNING, str(error)))
        self.reporter.started(place.connection, place.stream)
        end = self._pull(connection, stream, place, held, run_id, wish)
        if end.status != "lost":
            self.store.write(lambda db: _close(db, place, held, end))
        return self._told(end)

    def _told(self, end: RunEnd) -> RunEnd:
        self.reporter.ended(end)
        return end

    def _pull(
        self, connection: Connection, stream: ConnectionStream, place: Place, held: Held, run_id: int, wish: Wish
    ) -> RunEnd:
        end = RunEnd(place.connection, place.stream, "ok", run_id=run_id)

        def moved(buckets: Buckets, total: int | None) -> None:
            end.buckets = buckets
            self.reporter.moved(place.connection, place.stream, buckets, total)

        try:
            with closing(connection.connector.open(connection.config)) as source:
                rules = rules_of(self.settings, connection)
                pull = Pull(self.store, source, stream, place, held, run_id, wish, moved, self.asked_to_stop, rules)
                pull.run()
                end.gone = pull.gone
            self._judge(end, wish, pull.complete)
        except Exception as error:
            self._blame(end, error)
        return end

    def _judge(self, end: RunEnd, wish: Wish, complete: bool) -> None:
        """Red when the buckets do not add up, held when more went to quarantine than the budget allows."""
        hold, buckets = self.settings.hub.hold, end.buckets
        if not buckets.add_up():
            end.status, end.exit_code = "failed", EXIT_BUG
            end.message = "the row counts do not add up: please report this as a bug"
        elif buckets.quarantined > hold.rows or buckets.quarantined > hold.share * max(buckets.fetched, 1):
            end.status, end.exit_code = "held", EXIT_HELD
            end.message = f"{buckets.quarantined} of {buckets.fetched} rows are in quarantine: see hub quarantine"
        elif not complete and self.asked_to_stop():
            end.status, end.exit_code = "cancelled", EXIT_TRY_LATER
            end.message = "stopped; the next run goes on from here"
        elif wish.dry_run:
            end.message = "dry run: nothing was kept"

    def _blame(self, end: RunEnd, error: Exception) -> None:
        end.message = redact(str(error), self.settings.secrets)
        match error:
            case LeaseLost():
                end.status, end.exit_code = "lost", EXIT_ALREADY_RUNNING
            case RateLimited():
                end.status, end.exit_code, end.retry_at = "paused", error.exit_code, error.retry_at
            case ConnectorError():
                end.status, end.exit_code = "failed", error.exit_code
            case _:
                end.status, end.exit_code = "failed", EXIT_BUG
                end.message = _whereabouts(error)


def _whereabouts(error: Exception) -> str:
    """A bug's kind and place; not its text, which may hold a person's data."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    return (
        f"{type(error).__name__} in {last.name} ({last.filename.rpartition('/')[2]}:{last.lineno}): please report this"
    )


def _open(db: Db, place: Place, wish: Wish) -> tuple[Held, int]:
    """Take the stream's lease and begin its run; a dead holder's run is marked lost."""
    held = take(db, f"{place.connection}.{place.stream}")
    runs.mark_lost(db, held.dead_run)
    run_id = runs.begin(db, place, me(), wish.full)
    db.execute(update(leases).where(leases.c.name == held.name).values(run_id=run_id))
    return held, run_id


def _close(db: Db, place: Place, held: Held, end: RunEnd) -> None:
    assert end.run_id is not None  # noqa: S101 - every run that was opened has a number
    runs.count(db, end.run_id, end.buckets)
    runs.finish(db, place, end.run_id, end.status, end.exit_code, message=end.message, retry_at=end.retry_at)
    give_back(db, held)
