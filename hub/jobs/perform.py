"""The one function that every kind of worker runs: `perform` takes a queued run, does it or a slice of it, and ends it.

Law: a run is begun, put back and ended under its lease, in one transaction with what that stands for; whoever has
lost the lease writes nothing more, so that a run that was given to somebody else is never done by two.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy import Connection as Db
from sqlalchemy import RowMapping

from hub.crashpoints import crashpoint
from hub.jobs import cancelling
from hub.jobs.ends import EXIT_ALREADY_RUNNING, EXIT_HELD, EXIT_TRY_LATER, GOES_ON, Quiet, Reporter, RunEnd
from hub.jobs.inline import close
from hub.jobs.pulling import Pulling
from hub.jobs.queue import (
    DERIVE,
    PULL,
    PUSH,
    RECONCILE,
    REFETCH,
    claim,
    is_followed,
    one,
    others_wait,
    push_place,
    put_back,
    queue_derive,
    queue_soon,
)
from hub.jobs.reconciling import Reconciling
from hub.jobs.refetching import refetch
from hub.jobs.rounds import destinations_to_push, push_to
from hub.settings.settings import Connection, ConnectionStream, Settings
from hub.settings.windows import in_maintenance
from hub.stages.consent import anything_waits
from hub.stages.order import derive, place_of
from hub.stages.pausing import Stopped
from hub.stages.place import Place, lease_of
from hub.stages.pull import Wish
from hub.stages.push import PushEnd
from hub.stages.run_status import move
from hub.stages.runs import buckets_of, cursor_of, mark_lost
from hub.stages.suspects import PATIENCE
from hub.store.engine import Store
from hub.store.heart import Heart
from hub.store.leases import RUN_TERM, AlreadyRunning, Held, LeaseLost, give_back, renew, take

SLICE_SECONDS = 60.0
"""How long a pull or a derive run may keep a worker before others have their turn.

A pull goes on until its cursor has moved, a derive run to the end of a transaction that worked something off.
"""

PUSH_SECONDS = 1.0
"""How long a push may keep a worker while others wait; then it stops between two batches.

Behind it may wait the opt-outs of every other destination, and a newer one of its own.
"""


STAYS_QUEUED = "what has not left stays queued for the next push"


@dataclass(frozen=True, slots=True)
class Performer:
    """Performs runs on the given store. `asked_to_stop`: at the next page or batch; what is left waits again."""

    store: Store
    settings: Settings
    reporter: Reporter = field(default_factory=Quiet)
    asked_to_stop: Callable[[], bool] = lambda: False
    slice_seconds: float = SLICE_SECONDS

    def perform(self, run_id: int) -> RunEnd | None:
        """Do a queued run, or a slice of it, and say how that ended; raises nothing that the run is to blame for.

        None, and nothing done: the run does not wait any more, somebody else is at it, or nothing may begin now.
        """
        with self.store.read() as db:
            row = one(db, run_id)
        if row is None or row["status"] != "queued" or self.asked_to_stop():
            return None
        hub = self.settings.hub
        if in_maintenance(hub.maintenance, datetime.now(UTC), hub.timezone):
            return None
        place = place_of(self.settings, row["connection"], row["stream"])
        work = self._work(row)
        if work is None:
            return self._cancel(row)
        try:
            begun = self.store.write(lambda db: _begin(db, place, row))
        except AlreadyRunning:
            return None
        return None if begun is None else self._do(place, *begun, work)

    def _work(self, row: RowMapping) -> _Work | None:
        """What the run asks for; None when no configured connection has that any more."""
        if row["kind"] == DERIVE:
            return self._derive
        connection = self.settings.connections.get(row["connection"])
        if connection is None or connection.paused:
            return None
        if row["kind"] == PUSH:
            return self._push
        if row["kind"] == REFETCH and connection.connector.destination is not None:
            return lambda place, held, row: self._refetch(connection, place, held, row)
        stream = next((found for found in connection.streams if found.name == row["stream"]), None)
        if row["kind"] not in (PULL, RECONCILE) or stream is None:
            return None
        return lambda place, held, row: self._pull(connection, stream, place, held, row)

    def _cancel(self, row: RowMapping) -> RunEnd:
        """End a run that nobody can do. Its slot is free again, for when somebody can."""
        end = RunEnd(row["connection"], row["stream"], "cancelled", run_id=row["id"], buckets=buckets_of(row))
        end.message = f"{row['connection']} {row['stream']} is paused or not configured any more"
        now = datetime.now(UTC)
        self.store.write(lambda db: move(db, row["id"], "cancelled", finished_at=now, message=end.message, slot=None))
        self.reporter.ended(end)
        return end

    def _do(self, place: Place, held: Held, row: RowMapping, work: _Work) -> RunEnd:
        crashpoint("queue.claimed")
        self.reporter.started(place.connection, place.stream)
        end, then = work(place, held, row)
        if end.status == "queued":
            self._put_back(held, end)
        else:
            close(self.store, place, held, end, then)
        self.reporter.ended(end)
        return end

    def _put_back(self, held: Held, end: RunEnd) -> None:
        def work(db: Db) -> None:
            renew(db, held)
            put_back(db, end.run_id or 0, end.message)
            give_back(db, held)

        try:
            self.store.write(work)
            crashpoint("queue.put_back")
        except LeaseLost as error:
            end.blame(error, ())

    def _pull(
        self, connection: Connection, stream: ConnectionStream, place: Place, held: Held, row: RowMapping
    ) -> _Done:
        cancelled = cancelling.Wish(self.store, row["id"])
        turn = _Turn(
            lambda: self.asked_to_stop() or cancelled(), None if stream.stream.snapshot else self.slice_seconds
        )
        pulling = Pulling(
            self.store,
            self.settings,
            connection,
            stream,
            place,
            held,
            row["id"],
            Wish(full=row["full"]),
            self.reporter,
            turn.is_over,
            careful=row["attempt"] > PATIENCE,
        )
        reconciling = Reconciling(pulling) if row["kind"] == RECONCILE else None
        turn.begin(reconciling.progress if reconciling else lambda: self._cursor(place))
        end = reconciling.step(buckets_of(row)) if reconciling else pulling.run(buckets_of(row))
        if end.status == "cancelled" and not cancelled.tell(end):
            end.status, end.exit_code, end.message = "queued", 0, GOES_ON
        if end.status == "queued":
            return end, _nothing
        return end, lambda db: self._queue_derive(db, f"after run {row['id']}")

    def _refetch(self, connection: Connection, place: Place, held: Held, row: RowMapping) -> _Done:
        end = RunEnd(place.connection, place.stream, "ok", run_id=row["id"])
        try:
            with Heart(self.store, held) as heart:
                read = refetch(self.store, self.settings, connection, lambda: heart.lost or self.asked_to_stop())
            end.message = f"{read} records read again"
            if self.asked_to_stop():
                end.status = "queued"
        except Exception as error:
            end.blame(error, self.settings.secrets)
        return end, lambda db: self._queue_derive(db, f"after run {row['id']}")

    def _cursor(self, place: Place) -> object:
        with self.store.read() as db:
            return cursor_of(db, place)

    def _queue_derive(self, db: Db, reason: str) -> None:
        queue_derive(db, self.settings.hub.installation, reason)

    def _derive(self, place: Place, held: Held, row: RowMapping) -> _Done:
        end = RunEnd(place.connection, place.stream, "ok", run_id=row["id"])
        names: list[str] = []
        until = time.monotonic() + self.slice_seconds

        def between() -> None:
            if heart.lost or self.asked_to_stop() or time.monotonic() >= until:
                raise Stopped

        try:
            with Heart(self.store, held) as heart:
                done = derive(self.store, self.settings, between=between)
                names = destinations_to_push(self.store, self.settings)
            told = f"{done.created} contacts created, {done.merged} merged, {done.split} split"
            end.message = told if row["slices"] == 1 else f"in its last slice: {told}"
        except Stopped:
            end.status, end.message = "queued", GOES_ON
        except Exception as error:
            end.blame(error, self.settings.secrets)

        def then(db: Db) -> None:
            for name in names:
                queue_soon(db, push_place(self.settings.hub.installation, name), PUSH, f"after run {row['id']}")

        return end, then

    def _after_the_turn(self, row: RowMapping) -> tuple[str, str]:
        with self.store.read() as db:
            followed = is_followed(db, row)
        return ("ok", "another push goes on from here") if followed else ("queued", GOES_ON)

    def _push(self, place: Place, held: Held, row: RowMapping) -> _Done:
        end = RunEnd(place.connection, place.stream, "ok", run_id=row["id"])
        cancelled = cancelling.Wish(self.store, row["id"])
        turn = _PushTurn(self.store, row["id"], lambda: self.asked_to_stop() or cancelled())
        try:
            with Heart(self.store, held) as heart:
                result = push_to(self.store, self.settings, place.connection, lambda: heart.lost or turn.is_over())
            for pushed in result.ends:
                _take_over(end, pushed)
            if turn.over and not end.exit_code:
                end.status, end.message = ("cancelled", "") if cancelled.by else self._after_the_turn(row)
                cancelled.tell(end, STAYS_QUEUED)
        except Exception as error:
            end.blame(error, self.settings.secrets)

        def then(db: Db) -> None:
            if anything_waits(db):  # what was read before the writes is news too
                self._queue_derive(db, f"after run {row['id']}")

        return end, then


_Done = tuple[RunEnd, Callable[[Db], None]]
"""How it ended, and what else belongs into the transaction that ends the run."""

_Work = Callable[[Place, Held, RowMapping], _Done]


def _nothing(_: Db) -> None:
    pass


class _Turn:
    """When a pull has had its time: as soon as it was asked to stop, or `seconds` are over and its cursor has moved.

    Without the second half a slice that is shorter than reading up to the cursor would be read again for ever.
    """

    def __init__(self, asked_to_stop: Callable[[], bool], seconds: float | None) -> None:
        self._asked_to_stop = asked_to_stop
        self._until = None if seconds is None else time.monotonic() + seconds
        self._cursor: Callable[[], object] = lambda: None
        self._began_at: object = None
        self._over = False

    def begin(self, cursor: Callable[[], object]) -> None:
        """It moves this cursor."""
        self._cursor, self._began_at = cursor, cursor()

    def is_over(self) -> bool:
        if not self._over:
            self._over = self._asked_to_stop() or (
                self._until is not None and time.monotonic() >= self._until and self._cursor() != self._began_at
            )
        return self._over


class _PushTurn:
    """When a push has had its time: as soon as it was asked to stop, or PUSH_SECONDS are over and others wait."""

    def __init__(self, store: Store, run_id: int, asked_to_stop: Callable[[], bool]) -> None:
        self.over = False
        self._store = store
        self._run_id = run_id
        self._asked_to_stop = asked_to_stop
        self._until = time.monotonic() + PUSH_SECONDS

    def is_over(self) -> bool:
        """Once it is, it stays so."""
        self.over = self.over or self._asked_to_stop() or (time.monotonic() >= self._until and self._others_wait())
        return self.over

    def _others_wait(self) -> bool:
        with self._store.read() as db:
            return others_wait(db, self._run_id)


def _begin(db: Db, place: Place, row: RowMapping) -> tuple[Held, RowMapping] | None:
    """Take the run's lease and begin it. Raises AlreadyRunning."""
    name = lease_of(place) if row["kind"] in (PULL, RECONCILE) else f"run.{row['kind']}.{place.connection}"
    held = take(db, name, row["id"], RUN_TERM)
    begun = claim(db, place, row["id"])
    if begun is None:
        give_back(db, held)
        return None
    mark_lost(db, held.dead_run)
    return held, begun


def _take_over(end: RunEnd, pushed: PushEnd) -> None:
    told = ", ".join(f"{wanted} {status} {number}" for (wanted, status), number in sorted(pushed.counts.items()))
    end.exit_code, end.message = pushed.exit_code, pushed.message or told
    if pushed.exit_code == EXIT_ALREADY_RUNNING:
        end.status, end.exit_code = "queued", 0
    elif pushed.exit_code == EXIT_TRY_LATER:
        end.status, end.retry_at = "paused", pushed.retry_at
    elif pushed.exit_code == EXIT_HELD:
        end.status = "held"
    elif pushed.exit_code:
        end.status = "failed"


def perform(store: Store, settings: Settings, run_id: int) -> RunEnd | None:
    """`Performer.perform` without a reporter."""
    return Performer(store, settings).perform(run_id)
