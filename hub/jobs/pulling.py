"""One pull of one stream under its lease: what it does, how it is judged, and what it is blamed for."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass

from hub.crashpoints import crashpoint
from hub.jobs.ends import EXIT_BUG, EXIT_HELD, EXIT_TRY_LATER, Reporter, RunEnd
from hub.settings.settings import Connection, ConnectionStream, Settings
from hub.stages.observe import rules_of
from hub.stages.place import Place
from hub.stages.pull import Pull, Wish
from hub.stages.reconcile import WholeRead
from hub.stages.runs import Buckets
from hub.store.engine import Store
from hub.store.heart import LONGEST_SILENCE, Heart
from hub.store.leases import Held


@dataclass(frozen=True, slots=True)
class Pulling:
    """A stream to pull, and everything that it takes. `asked_to_stop` is heard after each page; `whole`: see `Pull`."""

    store: Store
    settings: Settings
    connection: Connection
    stream: ConnectionStream
    place: Place
    held: Held
    run_id: int
    wish: Wish
    reporter: Reporter
    asked_to_stop: Callable[[], bool]
    careful: bool = False
    whole: WholeRead | None = None

    def run(self, counted: Buckets) -> RunEnd:
        """Pull; `counted` is what earlier slices of the run have counted. Raises nothing.

        Stopped before the end of the stream, the end is `cancelled`.
        """
        end = RunEnd(self.place.connection, self.place.stream, "ok", run_id=self.run_id, buckets=counted)
        crashpoint("run.begun")
        try:
            with Heart(self.store, self.held, LONGEST_SILENCE) as heart:
                complete = self._pull(end, heart)
            self._judge(end, complete)
        except Exception as error:
            end.blame(error, self.settings.secrets)
        return end

    def _pull(self, end: RunEnd, heart: Heart) -> bool:
        def moved(buckets: Buckets, total: int | None) -> None:
            heart.moved()
            end.buckets = buckets
            self.reporter.moved(self.place.connection, self.place.stream, buckets, total)

        with closing(self.connection.connector.open(self.connection.config)) as source:
            pull = Pull(
                self.store,
                source,
                self.stream,
                self.place,
                self.held,
                self.run_id,
                self.wish,
                moved,
                lambda: heart.lost or self.asked_to_stop(),
                rules_of(self.settings, self.connection),
                end.buckets,
                self.careful,
                self.whole,
            )
            pull.run()
            end.gone = pull.gone
            return pull.complete

    def _judge(self, end: RunEnd, complete: bool) -> None:
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
        elif self.wish.dry_run:
            end.message = "dry run: nothing was kept"
