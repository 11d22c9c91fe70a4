"""`hub worker`: one process that sweeps, and children of it that work and are begun again whenever they end.

They are apart so that the worker forks with no thread and no open database, so that a Redis that goes away, which ends
RQ's worker, ends nothing else, and so that a slow subscriber of the herald's keeps no run waiting.
"""

from __future__ import annotations

import logging
import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy.exc import DBAPIError

from hub.jobs import herald
from hub.jobs.horse import Harness, die_with, work
from hub.jobs.sweeper import Sweeper
from hub.watch.beats import beat

log = logging.getLogger("hub.jobs.crew")

GRACE_SECONDS = 30.0
"""How long a child may take to stop at a page boundary. Then it is killed, and its run goes back into the queue."""

REST_SECONDS = 1.0
TICK_SECONDS = 0.2


@dataclass(slots=True)
class _Child:
    """A process that is to be there. `begin_at`: when to begin it again, by the monotonic clock."""

    name: str
    work: Callable[[], None]
    pid: int = 0
    begin_at: float = 0.0


@dataclass(slots=True)
class Crew:
    """The supervisor. `grace_seconds`: how long the children may take to stop."""

    harness: Harness
    sweeper: Sweeper
    stopping: Callable[[], bool]
    grace_seconds: float = GRACE_SECONDS
    _children: list[_Child] = field(default_factory=list)

    def run(self) -> None:
        """Sweep, and keep the children going, until `stopping`."""
        settings = self.harness.settings
        self._children = [_Child("worker", lambda: work(self.harness))]
        if herald.is_needed(settings):
            self._children.append(_Child("herald", lambda: herald.work(settings)))
        while not self.stopping():
            for child in self._children:
                if not child.pid and time.monotonic() >= child.begin_at:
                    self._begin(child)
            try:
                if self.sweeper.sweep_when_due() is not None:
                    self.sweeper.store.write(beat)
            except DBAPIError as error:
                log.warning("the database does not answer (%s): trying again", type(error.orig).__name__)
            time.sleep(TICK_SECONDS)
            self._look()
        self._end()

    def _begin(self, child: _Child) -> None:
        self.sweeper.store.close()  # a forked SQLite connection must not even be closed by the child
        parent = os.getpid()
        child.pid = os.fork()
        if child.pid:
            return
        code = 1
        try:
            die_with(parent)
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, signal.SIG_DFL)
            child.work()
            code = 0
        except Exception as error:
            log.warning("the %s ended (%s) and is begun again", child.name, type(error).__name__)
        finally:
            os._exit(code)

    def _look(self) -> None:
        for child in self._children:
            if child.pid and os.waitpid(child.pid, os.WNOHANG)[0]:
                child.pid = 0
                child.begin_at = time.monotonic() + REST_SECONDS

    def _end(self) -> None:
        for child in self._children:
            if child.pid:
                os.kill(child.pid, signal.SIGTERM)
        until = time.monotonic() + self.grace_seconds
        while any(child.pid for child in self._children) and time.monotonic() < until:
            time.sleep(TICK_SECONDS / 4)
            self._look()
        for child in self._children:
            if child.pid:
                os.kill(child.pid, signal.SIGKILL)
                os.waitpid(child.pid, 0)
        self.sweeper.sweep()  # what the children did not put back by themselves
