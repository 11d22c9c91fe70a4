"""The RQ worker of the hub: what it takes from Redis, what its children inherit, and how they die."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
import zlib
from pathlib import Path

import pytest
from rq import Queue
from rq.job import Job

from hub.jobs.doorbell import ANSWER, RedisBell, connect, job_id
from hub.jobs.horse import HubWorker, answer
from hub.jobs.queue import Queued
from tests.flows.service import alive, kill, until
from tests.services import Redis


def put(server: Redis, name: str, data: bytes) -> tuple[HubWorker, Job, Queue]:
    """A worker and a job in which somebody has written this."""
    connection = connect(server.url, wait=None)
    queue = Queue("hub", connection=connection, serializer="json")
    connection.hset(f"rq:job:{name}", mapping={"data": data, "created_at": "2026-01-01T00:00:00Z", "origin": "hub"})
    worker = HubWorker([queue], connection=connection, serializer="json")
    return worker, Job.fetch(name, connection=connection, serializer="json"), queue


@pytest.mark.fault("A16")
@pytest.mark.parametrize("how", ["pickle", "another function", "more arguments", "no number", "nothing that is read"])
def test_who_can_write_to_redis_makes_a_worker_do_nothing(redis_server: Redis, tmp_path: Path, how: str) -> None:
    touch = f"touch {tmp_path}/touched"

    def of(*job: object) -> bytes:
        return zlib.compress(json.dumps(job).encode())

    written = {
        "pickle": zlib.compress(pickle.dumps(("os.system", None, (touch,), {}))),
        "another function": of("os.system", None, [touch], {}),
        "more arguments": of(ANSWER, None, [1, touch], {}),
        "no number": of(ANSWER, None, [touch], {}),
        "nothing that is read": b"\x00",
    }
    worker, job, queue = put(redis_server, "evil", written[how])
    worker.execute_job(job, queue)
    assert not (tmp_path / "touched").exists()
    assert not Job.exists("evil", connection=worker.connection)
    assert worker.horse_pid == 0
    worker.connection.close()


def test_its_own_jobs_pass(redis_server: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    forked: list[str] = []
    monkeypatch.setattr(HubWorker.__bases__[0], "execute_job", lambda self, job, queue: forked.append(job.id))
    run = Queued(7, "pull", 1, 0)
    bell = RedisBell(redis_server.url)
    bell.ring([run])
    connection = connect(redis_server.url)
    queue = Queue("hub", connection=connection, serializer="json")
    worker = HubWorker([queue], connection=connection, serializer="json")
    worker.execute_job(Job.fetch(job_id(run), connection=connection, serializer="json"), queue)
    assert forked == ["run-7-1-0"]
    bell.close()
    connection.close()


def test_a_job_is_answered_by_nobody_but_hub_worker() -> None:
    with pytest.raises(RuntimeError, match="hub worker"):
        answer(7)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux can tell a child of its parent's death")
@pytest.mark.fault("P02")
def test_a_child_dies_with_its_parent() -> None:
    program = (
        "import os, time\n"
        "from hub.jobs.horse import die_with\n"
        "parent = os.getpid()\n"
        "if os.fork() == 0:\n"
        "    die_with(parent)\n"
        "    print(os.getpid(), flush=True)\n"
        "time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        assert alive(child)
        kill(parent.pid)
        until(lambda: not alive(child), 10)
