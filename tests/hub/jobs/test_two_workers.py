"""Two workers, and a worker that is killed: one runs at a time, and whatever happens every record is landed once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest

from hub.jobs.inline import RunEnd
from hub.stages.land import landed
from hub.stages.runs import runs
from hub.store.engine import Store
from hub.store.leases import leases
from tests.hub.world import always, connection, minute, opened, page, person, rows, sync

EVERYONE = [person(f"p{number:02}", at=minute(number), name=f"Person {number}") for number in range(12)]
VENDOR = connection(always(*(page(EVERYONE[at : at + 3]) for at in range(0, 12, 3))))
ROUNDS = 10


def run_often(url: str) -> list[RunEnd]:
    with opened(url) as store:
        return [end for _ in range(ROUNDS) for end in sync(store, VENDOR)]


@pytest.mark.fault("P06")
def test_two_workers_never_run_one_stream_at_the_same_time(store: Store, database_url: str) -> None:
    with ThreadPoolExecutor(2) as threads:
        ends = [end for some in threads.map(run_often, [database_url] * 2) for end in some]
    assert {end.status for end in ends} <= {"ok", "running"}
    assert sum(end.buckets.applied for end in ends) == len(EVERYONE)
    assert all(end.buckets.add_up() for end in ends)
    found = rows(store, runs)
    assert {row["status"] for row in found} == {"ok"}
    assert len(found) == sum(end.status == "ok" for end in ends)
    assert rows(store, leases) == []
    spans = sorted((row["started_at"], row["finished_at"]) for row in found)
    assert all(end <= start for (_, end), (start, _) in pairwise(spans))


WORKER = """
import sys, time
from connectors.kit.base import Page
from tests.hub.jobs.test_two_workers import EVERYONE
from tests.hub.world import connection, opened, page, sync

def pull(stream, cursor):
    yield page(EVERYONE[:3])
    print("half way", flush=True)
    sys.stdin.read()

with opened(sys.argv[1]) as store:
    sync(store, connection(pull))
"""


@pytest.mark.fault("P06")
def test_after_a_worker_was_killed_the_next_goes_on_at_once(store: Store, database_url: str) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", WORKER, database_url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as worker:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "half way\n"
        (refused,) = sync(store, VENDOR)
        assert (refused.status, refused.exit_code) == ("running", 73)
        assert f"process {worker.pid}, heartbeat" in refused.message
        os.kill(worker.pid, signal.SIGKILL)
        worker.wait()
        (end,) = sync(store, VENDOR)
    assert end.status == "ok"
    assert [row["status"] for row in sorted(rows(store, runs), key=lambda row: row["id"])] == ["lost", "ok"]
    assert {row["external_id"]: row["versions"] for row in rows(store, landed)} == {one.id: 1 for one in EVERYONE}
