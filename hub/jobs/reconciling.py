"""One reconciliation of one stream: an ordinary pull, the whole read, a pull of what came meanwhile, the verdict.

Law: every step ends in the row of its pass, so that whoever takes the run up again begins with the step that is next.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from sqlalchemy import Connection as Db
from sqlalchemy import RowMapping

from connectors.kit.base import Cursor
from hub.jobs.ends import EXIT_HELD, EXIT_TRY_LATER, RunEnd
from hub.jobs.gone import asking, clear, drift_of, in_words
from hub.jobs.pulling import Pulling
from hub.stages.passes import CLEARING, DONE, HELD, READING, forget_seen, pass_of, set_pass
from hub.stages.pull import Wish
from hub.stages.reconcile import Gone, WholeRead, begin_pass, gone_in
from hub.stages.runs import Buckets, cursor_of
from hub.store.heart import Heart
from hub.store.leases import renew

MORE = "goes on with the next step"
NOTHING = Gone(0, 0, "", "")


@dataclass(frozen=True, slots=True)
class Reconciling:
    """A reconciliation by means of the pull that it is made of."""

    pulling: Pulling

    def run(self, counted: Buckets) -> RunEnd:
        """All steps that are left. Raises nothing."""
        end = self.step(counted)
        while end.status == "queued":
            end = self.step(end.buckets)
        return end

    def step(self, counted: Buckets) -> RunEnd:
        """The next step; the end is `queued` where another one is to follow. Raises nothing."""
        found = self._pass()
        if found is not None and found["status"] == CLEARING:
            return self._clear(counted, found)
        # each pull of a snapshot is a whole read already
        wish = Wish(full=self.pulling.stream.stream.snapshot)
        end = replace(self.pulling, wish=wish, whole=_read_of(found)).run(counted)
        if end.status == "ok":
            with self._blaming(end):
                self._go_on(end, found)
        return end

    def progress(self) -> Cursor | None:
        """The cursor that the step moves."""
        whole = _read_of(self._pass())
        with self.pulling.store.read() as db:
            return cursor_of(db, self.pulling.place) if whole is None else whole.cursor(db)

    def _pass(self) -> RowMapping | None:
        with self.pulling.store.read() as db:
            return pass_of(db, self.pulling.run_id)

    def _go_on(self, end: RunEnd, found: RowMapping | None) -> None:
        """What follows a pull that has reached its end."""
        own = self.pulling
        if own.stream.stream.snapshot:
            return
        if found is None:
            self._write(lambda db: begin_pass(db, own.place, own.run_id, datetime.now(UTC)))
        if found is None or found["status"] == READING:
            end.status, end.message = "queued", MORE
        else:
            self._judge(end, found)

    def _judge(self, end: RunEnd, found: RowMapping) -> None:
        own, gone = self.pulling, NOTHING
        if not own.stream.stream.forgets:
            with own.store.read() as db:
                gone = gone_in(db, own.place, found, own.stream.reconcile.guard)
        status = HELD if gone.reason else CLEARING if gone.number else DONE
        self._write(lambda db: set_pass(db, own.run_id, status=status, gone=gone.number, records=gone.records))
        if status == CLEARING:
            end.status, end.message = "queued", MORE
            return
        end.drift = drift_of({**found, "gone": gone.number})
        end.message = in_words(end.drift)
        if status == HELD:
            end.status, end.exit_code = "held", EXIT_HELD
            end.message += f". {asking(own.run_id, gone)}"
        else:
            forget_seen(own.store)

    def _clear(self, counted: Buckets, found: RowMapping) -> RunEnd:
        own = self.pulling
        end = RunEnd(own.place.connection, own.place.stream, "ok", run_id=own.run_id, buckets=counted)
        with self._blaming(end), Heart(own.store, own.held) as heart:
            if clear(own.store, own.place, own.held, own.run_id, lambda: heart.lost or own.asked_to_stop()):
                end.gone, end.drift = found["gone"], drift_of(dict(found))
                end.message = in_words(end.drift)
            else:
                end.status, end.exit_code, end.message = "cancelled", EXIT_TRY_LATER, "stopped between tombstones"
        return end

    def _write(self, work: Callable[[Db], None]) -> None:
        def fenced(db: Db) -> None:
            renew(db, self.pulling.held)
            work(db)

        self.pulling.store.write(fenced)

    @contextmanager
    def _blaming(self, end: RunEnd) -> Iterator[None]:
        try:
            yield
        except Exception as error:
            end.blame(error, self.pulling.settings.secrets)


def _read_of(found: RowMapping | None) -> WholeRead | None:
    """The read of a pass that is reading; None where an ordinary pull is the step."""
    if found is None or found["status"] != READING:
        return None
    return WholeRead(found["run_id"], found["known_until"])
