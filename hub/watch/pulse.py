"""Health: whether this process and its database can do what they are for, answered within seconds whatever happens."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import timedelta
from threading import Lock, Thread
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from hub.settings.settings import Settings
from hub.stages import notes
from hub.store.clock import database_now
from hub.store.engine import Store
from hub.store.migrate import HEAD, schema_version
from hub.watch.beats import last_seen

LIMIT_SECONDS = 2.0
FRESH_SECONDS = 1.0
WORKER_SILENCE = timedelta(seconds=120)
NOTE = "pulse"


@dataclass(frozen=True, slots=True)
class Answer:
    """What was found: each check with ok, or one word of what is wrong."""

    checks: Mapping[str, str]

    @property
    def status(self) -> int:
        return 200 if all(word == "ok" for word in self.checks.values()) else 503

    def as_json(self) -> dict[str, Any]:
        return {"status": "ok" if self.status == 200 else "failing", "checks": dict(self.checks)}


SLOW = Answer({"database": "slow"})


class Asked:
    """One check that is made by one thread at a time, and is kept for a second.

    So a crowd of probes, or a database that hangs, costs one thread and one small transaction.
    """

    def __init__(self, check: Callable[[], Answer]) -> None:
        self._check = check
        self._lock = Lock()
        self._asked: Future[Answer] | None = None
        self._asked_at = 0.0

    def begin(self) -> Future[Answer]:
        """The check that is under way, or was made within the last second, or a new one."""
        with self._lock:
            stale = time.monotonic() - self._asked_at > FRESH_SECONDS
            if self._asked is None or (self._asked.done() and stale):
                self._asked, self._asked_at = Future(), time.monotonic()
                Thread(target=self._run, args=(self._asked,), name="pulse", daemon=True).start()
            return self._asked

    def _run(self, asked: Future[Answer]) -> None:
        try:
            asked.set_result(self._check())
        except Exception as error:
            asked.set_exception(error)

    async def answer(self, limit: float = LIMIT_SECONDS) -> Answer:
        """The answer, or that there was none in time."""
        asked = asyncio.wrap_future(self.begin())
        try:
            return await asyncio.wait_for(asyncio.shield(asked), limit)
        except TimeoutError:
            return SLOW


def health(store: Store) -> Answer:
    """The process is alive, the database answers and takes a write: there is room on its disk."""
    try:
        store.write(lambda db: notes.put(db, NOTE, database_now(db).isoformat()))
    except SQLAlchemyError:
        return Answer({"process": "ok", "database": "failing"})
    return Answer({"process": "ok", "database": "ok"})


def readiness(store: Store, settings: Settings) -> Answer:
    """The schema is this hub's, the settings belong to this database, and a worker was seen lately."""
    try:
        with store.read() as db:
            return Answer(_ready(db, settings))
    except SQLAlchemyError:
        return Answer({"database": "failing"})


def _ready(db: Connection, settings: Settings) -> dict[str, str]:
    if schema_version(db) != HEAD:
        return {"database": "ok", "schema": "other"}
    seen = last_seen(db)
    is_fresh = seen is not None and database_now(db) - seen <= WORKER_SILENCE
    own = notes.get(db, "installation") in (None, settings.hub.installation)
    return {
        "database": "ok",
        "schema": "ok",
        "settings": "ok" if own else "other",
        "worker": "ok" if is_fresh else "silent",
    }
