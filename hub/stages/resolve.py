"""The resolve stage: drains marked records, decides anew who is who around them, and stores the outcome.

Law: one resolver at a time, under a lease. A mark is deleted only with the value that was read, so that a record
that changes while we think is looked at again.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from types import TracebackType

from sqlalchemy import Connection, bindparam, func, select

from dedupe.engine.weights import Model
from hub.stages.anew import begins_anew
from hub.stages.bulk import resolve_everything, tell_if_interrupted
from hub.stages.collector import without_collector
from hub.stages.increment import read_increment, resolve_increment, waiting_marks
from hub.stages.map import marks, people
from hub.stages.moves import Resolved
from hub.stages.pausing import Between, go_on
from hub.store.engine import Store
from hub.store.heart import Heart
from hub.store.leases import give_back, take

LEASE = "resolver"
CHUNK = 1_000

BULK_FROM = 10_000
"""So many marks, and this part of all records, are worth resolving everything."""

BULK_SHARE = 20

_SOME = select(marks.c.mark).limit(bindparam("most")).subquery()
_COUNT_MARKS = select(func.count()).select_from(_SOME)
_COUNT_PEOPLE = select(func.count()).select_from(people)


def resolve_all(
    store: Store, model: Model, progress: Callable[[int], None] = lambda _: None, between: Between = go_on
) -> Resolved:
    """Work off all marks. Raises AlreadyRunning while another resolver is alive, LeaseLost when one took over."""
    with Resolver(store, model) as resolver:
        return resolver.drain(progress, between)


class Resolver:
    """The right to resolve, as a context: it is taken once and held for as many increments as there are.

    Raises AlreadyRunning while another resolver is alive.
    """

    def __init__(self, store: Store, model: Model) -> None:
        self.store, self.model = store, model

    def __enter__(self) -> Resolver:
        self.held = self.store.write(lambda db: take(db, LEASE))
        with ExitStack() as stack:
            stack.callback(self._give_back)
            stack.enter_context(Heart(self.store, self.held))  # judging everybody takes longer than a lease
            tell_if_interrupted(self.store, self.held)
            self.is_everything_due = self.store.write(lambda db: begins_anew(db, self.held, self.model))
            self._stack = stack.pop_all()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stack.close()

    def _give_back(self) -> None:
        self.store.write(lambda db: give_back(db, self.held))

    def drain(self, progress: Callable[[int], None] = lambda _: None, between: Between = go_on) -> Resolved:
        """Work off all marks. Raises LeaseLost when somebody else took over."""
        total, is_more = Resolved(), True
        while is_more:
            some, is_more = self.step()
            if some.records:
                total += some
                progress(total.records)
                if is_more:
                    between()
        return total

    def step(self) -> tuple[Resolved, bool]:
        """One increment, or everything at once; what came of it, and whether there may be more."""
        with without_collector():
            return self._step()

    def _step(self) -> tuple[Resolved, bool]:
        with self.store.read() as db:
            waiting = waiting_marks(db, CHUNK)
            if len(waiting) == CHUNK:
                self.is_everything_due |= _is_worth_everything(db)
            if not (waiting or self.is_everything_due):
                return Resolved(), False
            read = None if self.is_everything_due else read_increment(db, waiting, self.model)
        if read is not None:
            return resolve_increment(self.store, self.model, self.held, read)
        self.is_everything_due = False
        return resolve_everything(self.store, self.model, self.held), True


def _is_worth_everything(db: Connection) -> bool:
    """Whether so much waits that resolving all records at once is cheaper than one increment after another."""
    if db.execute(_COUNT_MARKS, {"most": BULK_FROM}).scalar_one() < BULK_FROM:
        return False
    share = db.execute(_COUNT_PEOPLE).scalar_one() // BULK_SHARE
    return share <= BULK_FROM or db.execute(_COUNT_MARKS, {"most": share}).scalar_one() >= share
