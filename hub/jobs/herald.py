"""The herald: takes notices to subscribers and help desks, each target in a thread and under a lease of its own.

Law: an attempt is written before the call and its answer after it, by whoever holds the target's lease. A target that
is slow or broken keeps nobody waiting, neither another target nor an opt-out: pushes never pass through here.
"""

from __future__ import annotations

import logging
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection as Db
from sqlalchemy import RowMapping
from sqlalchemy.exc import DBAPIError

from hub.jobs.hook import Answer
from hub.jobs.telling import tell
from hub.settings.settings import Settings
from hub.settings.windows import in_maintenance
from hub.stages import notices
from hub.stages.freeze import Frozen, refuse_when_frozen
from hub.store.engine import Store, open_store
from hub.store.heart import Heart
from hub.store.leases import RUN_TERM, AlreadyRunning, Held, LeaseLost, give_back, renew, take
from hub.watch.clean import Cleaner

POLL_SECONDS = 1.0
BATCH = 50
FULL_DAY = timedelta(hours=1)
"""How long a rule that has made its tasks for today rests before it is looked at again."""

REST_SECONDS = 30.0
"""How long a target in trouble is left alone, whatever else waits for it."""

log = logging.getLogger("hub.notices")


@dataclass(slots=True)
class Herald:
    """Tells what is due until `stopping`. Any number may run: a target's lease lets one of them in at a time."""

    store: Store
    settings: Settings
    stopping: Callable[[], bool]
    rest_seconds: float = REST_SECONDS
    _rests: dict[str, float] = field(default_factory=dict)
    _asked: dict[str, float] = field(default_factory=dict)
    _threads: dict[str, threading.Thread] = field(default_factory=dict)

    def run(self) -> None:
        """Look every second. Returns within a call's time after `stopping`."""
        while not self.stopping():
            try:
                self.begin_due()
            except DBAPIError as error:
                log.warning("the database does not answer (%s): trying again", type(error.orig).__name__)
            time.sleep(POLL_SECONDS)
        self.wait()

    def begin_due(self) -> list[str]:
        """Begin a thread for every target that something is due for and none is at; the targets begun."""
        now = datetime.now(UTC)
        hub = self.settings.hub
        if not is_needed(self.settings) or in_maintenance(hub.maintenance, now, hub.timezone):
            return []
        with self.store.read() as db:
            due = notices.targets_due(db, now)
        begun = [target for target in due if self._is_free(target)]
        for target in begun:
            thread = threading.Thread(target=self._round, args=(target,), name=f"herald {target}", daemon=True)
            self._threads[target] = thread
            thread.start()
        return begun

    def wait(self) -> None:
        """Until no thread is under way."""
        for thread in list(self._threads.values()):
            thread.join()

    def _is_free(self, target: str) -> bool:
        thread = self._threads.get(target)
        return (thread is None or not thread.is_alive()) and time.monotonic() >= self._rests.get(target, 0.0)

    def _round(self, target: str) -> None:
        try:
            if self.tell_all(target):
                return
        except DBAPIError as error:
            log.warning("the database does not answer (%s): trying again", type(error.orig).__name__)
        self._rests[target] = time.monotonic() + max(self.rest_seconds, self._asked.pop(target, 0.0))

    def tell_all(self, target: str) -> bool:
        """Tell a target what is due; False when it should be left alone for a while."""
        try:
            held = self.store.write(lambda db: _take(db, target))
        except (AlreadyRunning, Frozen):
            return False
        try:
            with Heart(self.store, held) as heart:
                return self._drain(target, held, heart)
        except LeaseLost:
            log.warning("lease.lost", extra={"hub_fields": {"target": target}})
            return False
        finally:
            self.store.write(lambda db: give_back(db, held))

    def _drain(self, target: str, held: Held, heart: Heart) -> bool:
        while True:
            with self.store.read() as db:
                refuse_frozen = _is_frozen(db)
                rows = [] if refuse_frozen else notices.due(db, target, datetime.now(UTC), BATCH)
            for row in rows:
                if heart.lost or self.stopping():
                    return True
                if self._tell(held, row):
                    return False
            if not rows:
                return not refuse_frozen

    def _tell(self, held: Held, row: RowMapping) -> bool:
        """Tell one; whether the target is in trouble."""
        if not self.store.write(lambda db: self._begin(db, held, row)):
            return False
        found = self._call(row)
        message = Cleaner(self.settings.secrets)(found.message)
        now = datetime.now(UTC)
        status = self.store.write(lambda db: notices.answer(db, row, found.became, message, now, found.wait))
        if found.wait is not None:
            self._asked[row["target"]] = min(found.wait, notices.LONGEST_WAIT.total_seconds())
        told = {"notice": row["id"], "kind": row["kind"], "target": row["target"], "status": status}
        level = logging.WARNING if status == notices.DEAD else logging.INFO
        log.log(level, "notice.told", extra={"hub_fields": {**told, "attempt": row["attempts"] + 1}})
        return found.in_trouble

    def _begin(self, db: Db, held: Held, row: RowMapping) -> bool:
        """Write the attempt, or put the notice off when its rule has made enough tasks for a day."""
        renew(db, held)
        now = datetime.now(UTC)
        rule = self.settings.hub.tasks.get(row["rule"])
        if rule is not None and notices.made_since(db, row["rule"], now - notices.DAY) >= rule.per_day:
            wait = f"waits: the rule has made {rule.per_day} tasks within a day (per_day)"
            notices.put_off(db, row["id"], now + FULL_DAY, wait)
            return False
        notices.begin_attempt(db, row, now)
        return True

    def _call(self, row: RowMapping) -> Answer:
        """Whatever goes wrong in the call is an answer: the notice must not stay without one."""
        try:
            return tell(self.store, self.settings, row)
        except Exception as error:
            log.error("notice.bug", extra={"hub_fields": {"notice": row["id"], "error": type(error).__name__}})
            return Answer("failed", f"{type(error).__name__}: please report this")


def is_needed(settings: Settings) -> bool:
    """Whether anything is ever told."""
    return bool(settings.hub.subscribers or settings.hub.tasks)


def work(settings: Settings) -> None:
    """Be a herald until SIGTERM, as a process with its own database connections."""
    stopping = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    store = open_store(settings.database_url)
    try:
        Herald(store, settings, stopping.is_set).run()
    finally:
        store.close()


@contextmanager
def heralding(store: Store, settings: Settings) -> Iterator[None]:
    """Tell what is due in a thread, for the length of a block."""
    stopping = threading.Event()
    thread = threading.Thread(target=Herald(store, settings, stopping.is_set).run, name="herald")
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join()


def _is_frozen(db: Db) -> bool:
    try:
        refuse_when_frozen(db)
    except Frozen:
        return True
    return False


def _take(db: Db, target: str) -> Held:
    """Raises AlreadyRunning, or Frozen: what was true before a restore need not be true now."""
    refuse_when_frozen(db)
    return take(db, f"notices.{target}", term=RUN_TERM)
