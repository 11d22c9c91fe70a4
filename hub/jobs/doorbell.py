"""Doorbells: how workers hear at once of what the database has queued. Deaf or broken, nothing is lost, only later."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Protocol

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from rq import Queue
from rq.exceptions import DuplicateJobError
from rq.job import Job

from hub.jobs.queue import PUSH, Queued

QUEUES = ("hub-push", "hub")
"""The lists in Redis, in the order in which workers look: new pushes carry the opt-outs."""

ANSWER = "hub.jobs.horse.answer"
"""The one function that a job may call, with a run's number."""

NO_LIMIT = -1
KEPT_SECONDS = 60
JUST_TAKEN = 5.0
"""Seconds for which a job may be off its list before its run has begun: the worker that took it died, after that."""


class BellBroken(Exception):
    """Nobody heard: the sweeper rings again."""


class Doorbell(Protocol):
    """Tells workers of queued runs. Ringing for what was rung for already costs nothing and does nothing."""

    def ring(self, runs: Sequence[Queued]) -> int:
        """How many were news. Raises BellBroken."""
        ...


class Inline:
    """The bell of one process: its worker looks into the database by itself, and is woken here."""

    def __init__(self) -> None:
        self.woken = threading.Event()

    def ring(self, runs: Sequence[Queued]) -> int:
        if runs:
            self.woken.set()
        return 0


class RedisBell:
    """Jobs in Redis that hold a run's number and nothing else."""

    def __init__(self, url: str) -> None:
        self._redis = connect(url)
        self._taken: dict[str, float] = {}

    def ring(self, runs: Sequence[Queued]) -> int:
        if not runs:
            return 0
        try:
            queues = {name: Queue(name, connection=self._redis, serializer="json") for name in QUEUES}
            waiting = {job for queue in queues.values() for job in queue.get_job_ids()}
            missing = {job_id(run): run for run in runs if job_id(run) not in waiting}
            self._taken = {job: at for job, at in self._taken.items() if job in missing}
            return sum(self._ring(queues[queue_of(run)], run) for run in missing.values())
        except RedisError as error:
            raise BellBroken(f"Redis does not take jobs ({type(error).__name__}): they wait in the database") from error

    def _ring(self, queue: Queue, run: Queued) -> bool:
        if self._enqueue(queue, run):
            return True
        now = time.monotonic()
        if now - self._taken.setdefault(job_id(run), now) < JUST_TAKEN:
            return False
        # taken off the list by a worker that died before it began, or left behind by a crash of Redis
        self._redis.delete(Job.key_for(job_id(run)))
        return self._enqueue(queue, run)

    def _enqueue(self, queue: Queue, run: Queued) -> bool:
        """False, and nothing done, where there is such a job: others ring at the same moment."""
        with suppress(DuplicateJobError):
            queue.enqueue(
                ANSWER,
                args=(run.id,),
                job_id=job_id(run),
                unique=True,
                job_timeout=NO_LIMIT,
                result_ttl=0,
                failure_ttl=KEPT_SECONDS,
            )
            return True
        return False

    def close(self) -> None:
        self._redis.close()


def connect(url: str, wait: float | None = 2.0) -> Redis:
    """A connection that gives up after `wait` seconds; None waits for ever, for a worker that has nothing to do."""
    return Redis.from_url(url, socket_timeout=wait, socket_connect_timeout=2.0, retry=Retry(NoBackoff(), 0))


def job_id(run: Queued) -> str:
    return f"run-{run.id}-{run.attempt}-{run.slices}"


def queue_of(run: Queued) -> str:
    return QUEUES[0] if run.kind == PUSH and not run.slices else QUEUES[1]
