"""The RQ worker of the hub: takes numbers of runs out of Redis, and performs each run in a child that dies with it.

Law: nothing of the database is open when it forks, and what it takes from Redis is a number or is thrown away.
"""

from __future__ import annotations

import ctypes
import logging
import os
import signal
import sys
from contextlib import suppress
from dataclasses import dataclass
from types import FrameType
from typing import Any

from redis.exceptions import RedisError
from rq import Queue, Worker
from rq.executions import Execution
from rq.job import Job

from hub.crashpoints import crashpoint
from hub.jobs.doorbell import ANSWER, QUEUES, BellBroken, RedisBell, connect
from hub.jobs.ends import Reporter
from hub.jobs.perform import SLICE_SECONDS, Performer
from hub.jobs.queue import PUSH, queued
from hub.settings.settings import Settings
from hub.store.engine import open_store

log = logging.getLogger("hub.jobs.horse")

MONITOR_SECONDS = 10
PR_SET_PDEATHSIG = 1


@dataclass(slots=True)
class Harness:
    """What a child inherits: everything that it needs and nothing that is open."""

    settings: Settings
    redis_url: str
    reporter: Reporter
    slice_seconds: float = SLICE_SECONDS
    stopping: bool = False

    def stop(self, *_: object) -> None:
        self.stopping = True


_harness: Harness | None = None


def answer(run_id: int) -> None:
    """What a job calls, in the child: perform the run, and ring for what there is to do then."""
    harness = _harness
    if harness is None:
        raise RuntimeError("this function is for the workers of `hub worker`")
    store = open_store(harness.settings.database_url)
    try:
        performer = Performer(
            store, harness.settings, harness.reporter, lambda: harness.stopping, harness.slice_seconds
        )
        end = performer.perform(run_id)
        crashpoint("queue.unrung")
        with store.read() as db:
            # a push that could not begin is left to the sweeper, or it would be rung for without end
            waiting = [run for run in queued(db) if run.id != run_id or (end is not None and run.kind != PUSH)]
        RedisBell(harness.redis_url).ring(waiting)
    except BellBroken as error:
        log.warning("%s", error)
    finally:
        store.close()


class HubWorker(Worker):
    """RQ's worker, but: its child dies with it and hears SIGTERM; a Redis that goes away kills no work under way;
    nobody who can write to Redis makes it call anything but `answer`, or do anything but that.
    """

    max_connection_wait_time = 5.0

    def subscribe(self) -> None:
        """No commands are taken from Redis, so there is no thread when a child is forked."""

    def execute_job(self, job: Job, queue: Queue) -> None:
        if _is_ours(job):
            super().execute_job(job, queue)
        else:
            log.error("a job in Redis that is none of ours was thrown away: whoever wrote it can write to Redis")
            self.connection.delete(job.key)

    def fork_work_horse(self, job: Job, queue: Queue) -> None:
        """A SIGTERM waits until the child can hear it and we know the child; after one that came it does nothing."""
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
        try:
            if self._stop_requested and _harness is not None:
                _harness.stop()
            super().fork_work_horse(job, queue)
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})

    def main_work_horse(self, job: Job, queue: Queue) -> None:
        die_with(self.pid or 0)
        super().main_work_horse(job, queue)

    def setup_work_horse_signals(self) -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, _harness.stop if _harness is not None else signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})

    def set_shutdown_requested_date(self) -> None:
        with suppress(RedisError):
            super().set_shutdown_requested_date()  # type: ignore[no-untyped-call]

    def request_force_stop(self, signum: int, frame: FrameType | None) -> None:  # noqa: ARG002
        """A second SIGTERM, as systemd sends one to every process: the crew alone decides when patience is over."""
        self.handle_warm_shutdown_request()

    def handle_warm_shutdown_request(self) -> None:
        if self.horse_pid:
            with suppress(ProcessLookupError):
                os.kill(self.horse_pid, signal.SIGTERM)

    def maintain_heartbeats(self, job: Job, execution: Execution) -> None:
        with suppress(RedisError):
            super().maintain_heartbeats(job, execution)


def work(harness: Harness) -> None:
    """Be a worker until SIGTERM. Returns too when Redis is gone at a bad moment: begin again."""
    global _harness
    _harness = harness
    logging.getLogger("rq.worker").setLevel(logging.ERROR)
    worker = HubWorker(
        list(QUEUES),
        connection=connect(harness.redis_url, wait=None),
        serializer="json",
        job_monitoring_interval=MONITOR_SECONDS,
        log_job_description=False,
    )
    worker.work(logging_level="ERROR")


def die_with(parent: int) -> None:
    """Let this process be killed as soon as its parent is no more; on Linux, elsewhere the lease alone protects."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it died before we asked
            os._exit(1)


def _is_ours(job: Job) -> bool:
    """Looks at what the job says before anything of it is imported."""
    try:
        arguments: Any = (job.func_name, job.args, job.kwargs)
    except Exception:  # whatever is in there, it is not ours
        return False
    name, args, kwargs = arguments
    return name == ANSWER and not kwargs and len(args) == 1 and type(args[0]) is int
