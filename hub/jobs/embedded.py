"""The embedded size: scheduler, sweeper and worker in one thread of `hub up`, pushes beside it, the database alone.

Each destination is pushed to in a thread of its own, so that a slow vendor holds up no other one's opt-outs.
"""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy.exc import DBAPIError

from hub.jobs.doorbell import Inline
from hub.jobs.ends import GOES_ON, Reporter
from hub.jobs.perform import SLICE_SECONDS, Performer
from hub.jobs.queue import PUSH, Queued, queued
from hub.jobs.scheduler import POLL_SECONDS, Scheduler
from hub.jobs.sweeper import SWEEP_SECONDS, Sweeper
from hub.settings.settings import Settings
from hub.store.engine import Store
from hub.watch.beats import beat

log = logging.getLogger("hub.jobs.embedded")


@dataclass(slots=True)
class Embedded:
    """Queues what is due and does it, one run after the other but for pushes, until `stopping` is set."""

    store: Store
    settings: Settings
    reporter: Reporter
    stopping: threading.Event
    slice_seconds: float = SLICE_SECONDS
    sweep_seconds: float = SWEEP_SECONDS
    _refused: set[int] = field(default_factory=set)
    _pushing: dict[str, threading.Thread] = field(default_factory=dict)

    def run(self) -> None:
        bell = Inline()
        scheduler = Scheduler(self.store, self.settings, bell)
        sweeper = Sweeper(self.store, self.settings, bell, self.sweep_seconds)
        while not self.stopping.is_set():
            try:
                if sweeper.sweep_when_due() is not None:
                    self.store.write(beat)
                scheduler.tick(datetime.now(UTC))
                if self.work_once():
                    continue
            except DBAPIError as error:
                _warn(error)
            self._refused.clear()
            self.stopping.wait(POLL_SECONDS)
        for thread in self._pushing.values():
            thread.join()

    def work_once(self) -> bool:
        """Let the pushes begin, and do the next other run that nobody else is at; False when there is none.

        What was refused has to wait a second.
        """
        with self.store.read() as db:
            waiting = queued(db)
        for destination in {run.connection for run in waiting if run.kind == PUSH}:
            self._push_to(destination)
        run = next((run for run in waiting if run.kind != PUSH and run.id not in self._refused), None)
        if run is None:
            return False
        if self._performer().perform(run.id) is None:
            self._refused.add(run.id)
        return True

    def _performer(self) -> Performer:
        return Performer(self.store, self.settings, self.reporter, self.stopping.is_set, self.slice_seconds)

    def _push_to(self, destination: str) -> None:
        thread = self._pushing.get(destination)
        if thread is None or not thread.is_alive():
            thread = threading.Thread(target=self._push, args=(destination,), name=f"push {destination}")
            self._pushing[destination] = thread
            thread.start()

    def _push(self, destination: str) -> None:
        """Do the pushes that wait for a destination, a newer one before what another has left."""
        try:
            while (run := self._next_push(destination)) is not None:
                end = self._performer().perform(run.id)
                if end is None or (end.status == "queued" and end.message != GOES_ON):
                    self.stopping.wait(POLL_SECONDS)
                    return
        except DBAPIError as error:
            _warn(error)

    def _next_push(self, destination: str) -> Queued | None:
        if self.stopping.is_set():
            return None
        with self.store.read() as db:
            waiting = queued(db)
        return next((run for run in waiting if run.kind == PUSH and run.connection == destination), None)


def _warn(error: DBAPIError) -> None:
    log.warning("the database does not answer (%s): trying again", type(error.orig).__name__)
