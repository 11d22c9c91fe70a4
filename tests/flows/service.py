"""A hub with workers of its own: a small world, a Redis, crews as processes, and ways to look at what they do."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select

from connectors.kit.simulator import Fault
from hub.jobs.doorbell import RedisBell
from hub.jobs.scheduler import Scheduler
from hub.queries.digest import digest
from hub.settings.load import load
from hub.stages.runs import runs
from hub.store.engine import Store, open_store
from hub.store.leases import leases
from hub.store.migrate import prepare
from tests.flows.terminal import ROOT, Hub, attended
from tests.flows.world import World
from tests.services import Redis

SWEEP_SECONDS = 0.5
"""Of the crews in these tests; the arithmetic of the product's own is in tests/hub/jobs/test_sweeper.py."""


def until(found: Callable[[], Any], seconds: float = 60, trace: Callable[[], str] = str) -> Any:
    """What `found` gives as soon as that is something; `trace` says what there is instead."""
    end = time.monotonic() + seconds
    while not (what := found()):
        assert time.monotonic() < end, f"it did not happen within {seconds} s: {trace()}"
        time.sleep(0.02)
    return what


@dataclass
class Service:
    """One installation: its world, its Redis, its database."""

    world: World
    redis: Redis
    url: str
    store: Store
    hub: Hub
    _stack: ExitStack = field(default_factory=ExitStack)

    def begin_a_round(self) -> list[int]:
        """Queue every stream, as a scheduler does; the runs' numbers."""
        settings = load(self.world.config)
        bell = RedisBell(self.redis.url)
        new = Scheduler(self.store, settings, bell).tick(datetime.now(UTC))
        bell.close()
        return new

    def crew(self, slice_seconds: float = 60) -> subprocess.Popen[str]:
        """A `hub worker` with short intervals."""
        words = ["-m", "tests.flows.crew", str(self.world.config), str(SWEEP_SECONDS), str(slice_seconds)]
        process = subprocess.Popen(
            [sys.executable, *words],
            cwd=ROOT,
            env={**os.environ, **self.hub.environment},
            text=True,
            stdout=subprocess.DEVNULL,
            stderr=self._stack.enter_context((self.world.root / "crews.log").open("a")),  # nobody empties a pipe
        )
        return self._stack.enter_context(attended(process))

    def told(self) -> list[dict[str, Any]]:
        with self.store.read() as db:
            return [dict(row) for row in db.execute(select(runs).order_by(runs.c.id)).mappings()]

    def run(self, run_id: int) -> dict[str, Any]:
        return next(row for row in self.told() if row["id"] == run_id)

    def holders(self) -> dict[int, int]:
        """The process of each run that is at work."""
        with self.store.read() as db:
            held = db.execute(select(leases).where(leases.c.run_id.is_not(None)))
            return {row.run_id: int(row.holder.rsplit(":", 2)[1]) for row in held}

    def slow(self, seconds: float) -> None:
        """Let the shop, which is asked by one path for all, answer its next request so late."""
        self.world.shop.script(Fault(match="/", delay=seconds))

    def at_the_shop(self) -> tuple[int, int]:
        """Wait until a worker is at a stream of the shop; the run and the worker's process."""

        def look() -> tuple[int, int] | None:
            at_work = self.holders()
            found = [row["id"] for row in self.told() if row["connection"] == "shop" and row["id"] in at_work]
            return (found[0], at_work[found[0]]) if found else None

        found: tuple[int, int] = until(look)
        return found

    def all_done(self, seconds: float = 60) -> list[dict[str, Any]]:
        """Wait until nothing waits and nothing runs, and the contacts have been made; all runs."""

        def look() -> list[dict[str, Any]] | None:
            told = self.told()
            ended = all(row["status"] not in ("queued", "running") for row in told)
            newest = told[-1]
            return told if ended and newest["kind"] != "pull" else None

        found: list[dict[str, Any]] = until(look, seconds, self.trace)
        return found

    def trace(self) -> str:
        """For a failed test: each run, what Redis knows of its jobs, the processes, and the last words of the crews."""
        said = [
            f"{row['id']} {row['kind']} {row['connection']}.{row['stream']} {row['status']} {row['attempt']}/"
            f"{row['slices']} {row['queued_at']} {row['started_at']} {row['finished_at']} {row['message']}"
            for row in self.told()
        ]
        with self.redis.client() as client:
            keys = sorted(client.keys("rq:*"))
            said += [f"{key!r} {client.lrange(key, 0, -1)}" for key in keys if client.type(key) == b"list"]
            said += [f"{key!r}" for key in keys]
        for pid in self.holders().values():
            if alive(pid):
                os.kill(pid, signal.SIGUSR1)
                said.append(f"{pid} is at work")
        time.sleep(1)  # so that they have said where they are
        log = (self.world.root / "crews.log").read_text()
        return "\n".join([*said, f"at work: {self.holders()}", *log.splitlines()[-200:]])

    def facts(self) -> dict[str, str]:
        with self.store.read() as db:
            return digest(db)["facts"]


@contextmanager
def service(world: World, redis: Redis, url: str) -> Iterator[Service]:
    """The installation for the length of a block; its crews are gone after it."""
    file = world.config / "hub.yaml"
    file.write_text(file.read_text() + f'\nredis: "{redis.url}"\n')
    store = open_store(url)
    try:
        prepare(store)
        with ExitStack() as stack:
            yield Service(world, redis, url, store, Hub(world.config, url), stack)
    finally:
        store.close()


def alive(pid: int) -> bool:
    """Whether a process is there and no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def parent_of(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def children_of(pid: int) -> list[int]:
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
