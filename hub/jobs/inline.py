"""The runner of a command in the foreground: pulls streams in this process, one after the other, while one waits."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from sqlalchemy import Connection as Db
from sqlalchemy import update

from hub.crashpoints import crashpoint
from hub.jobs import cancelling
from hub.jobs.ends import EXIT_ALREADY_RUNNING, EXIT_TRY_LATER, Reporter, RunEnd
from hub.jobs.pulling import Pulling
from hub.jobs.reconciling import Reconciling
from hub.settings.settings import Connection, ConnectionStream, Settings
from hub.stages import runs
from hub.stages.order import place_of
from hub.stages.place import Place, lease_of
from hub.stages.pull import Wish
from hub.stages.runs import Buckets
from hub.store.engine import Store
from hub.store.leases import RUN_TERM, AlreadyRunning, Held, LeaseLost, give_back, leases, me, renew, take

__all__ = ["EXIT_TRY_LATER", "Reporter", "RunEnd", "Runner", "close"]


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
        cancelled = cancelling.Wish(self.store, run_id)
        pulling = Pulling(
            self.store,
            self.settings,
            connection,
            stream,
            place,
            held,
            run_id,
            wish,
            self.reporter,
            lambda: self.asked_to_stop() or cancelled(),
        )
        end = Reconciling(pulling).run(Buckets()) if wish.reconcile else pulling.run(Buckets())
        cancelled.tell(end)
        close(self.store, place, held, end)
        return self._told(end)

    def _told(self, end: RunEnd) -> RunEnd:
        self.reporter.ended(end)
        return end


def _open(db: Db, place: Place, wish: Wish) -> tuple[Held, int]:
    """Take the stream's lease and begin its run; a dead holder's run is marked lost."""
    held = take(db, lease_of(place), term=RUN_TERM)
    runs.mark_lost(db, held.dead_run)
    run_id = runs.begin(db, place, me(), wish.full, "reconcile" if wish.reconcile else "pull")
    db.execute(update(leases).where(leases.c.name == held.name).values(run_id=run_id))
    return held, run_id


def close(store: Store, place: Place, held: Held, end: RunEnd, then: Callable[[Db], None] = lambda _: None) -> None:
    """Write down how a run ended, in one transaction with `then`. Whoever lost the lease writes nothing any more."""
    if end.status == "lost":
        return
    try:
        store.write(lambda db: _close(db, place, held, end, then))
        crashpoint("run.closed")
    except LeaseLost as error:
        end.blame(error, ())


def _close(db: Db, place: Place, held: Held, end: RunEnd, then: Callable[[Db], None]) -> None:
    assert end.run_id is not None  # noqa: S101 - every run that was opened has a number
    renew(db, held)
    runs.count(db, end.run_id, end.buckets)
    runs.finish(db, place, end.run_id, end.status, end.exit_code, message=end.message, retry_at=end.retry_at)
    give_back(db, held)
    then(db)
    crashpoint("run.closing")
