"""The seeded plan of blows, and how each is dealt: to Redis, to PostgreSQL, to a worker's child, to a worker."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from connectors.kit.simulator import Fault
from tests import services
from tests.flows.consent.town import Town
from tests.flows.service import alive, kill
from tests.soak.crew import Crew
from tests.soak.servers import PostgresServer
from tests.soak.watch import Blow, Watch, state_of

WHOLE = 15.0
"""Minutes of the soak that has all blows: five to Redis, two to PostgreSQL, one to a child, one to a worker."""

LATE = 4.0
"""Seconds that the shop takes for the answer during which a worker is killed."""

PATIENCE = 45.0

MOST_SECONDS = 60.0
"""Within which lost work is to be noticed."""


@dataclass(frozen=True)
class Planned:
    """What is struck, and how many seconds after the beginning."""

    kind: str
    after: float


def plan(seed: int, minutes: float) -> list[Planned]:
    """The blows of a soak: all kinds of them, however short it is; spread over it, in an order of the seed's."""
    dice = random.Random(f"{seed}:mischief")
    share = min(1.0, minutes / WHOLE)
    kinds = ["redis"] * max(2, round(5 * share)) + ["child", "worker"]
    kinds += ["postgres stopped", "postgres killed"][: max(1, round(2 * share))]
    dice.shuffle(kinds)
    room = minutes * 60 * 0.85 / len(kinds)
    return [Planned(kind, minutes * 3 + room * (at + dice.uniform(0.1, 0.5))) for at, kind in enumerate(kinds)]


@dataclass
class Mischief:
    """Deals the blows of a plan. Runs in a thread of its own; what it met is measured by the watch."""

    planned: list[Planned]
    dice: random.Random
    town: Town
    redis: services.Redis
    postgres: PostgresServer
    crew: Crew
    watch: Watch

    def live(self, stopping: threading.Event) -> None:
        """Deal all of them, or those until `stopping`."""
        began = time.monotonic()
        for one in self.planned:
            if stopping.wait(max(0.0, began + one.after - time.monotonic())):
                return
            self.deal(one.kind)

    def deal(self, kind: str) -> None:
        ways = {"redis": self.empty_and_kill_redis, "child": self.kill_a_child, "worker": self.kill_a_worker}
        if kind in ways:
            ways[kind]()
        else:
            self.crash_postgres(kind)

    def empty_and_kill_redis(self) -> None:
        """FLUSHALL, and soon after it kill -9; it comes back seconds later with what its file says."""
        blow, away = _now("redis"), self.dice.uniform(0.5, 4)
        with self.redis.client() as client:
            client.flushall()
        self.watch.hit(blow, self.watch.under_way("queued"))
        time.sleep(self.dice.uniform(0, 3))
        self.redis.kill()
        self.watch.hit(blow, self.watch.under_way("queued"))
        time.sleep(away)
        self.redis.start()
        blow.about = f"emptied, killed, {away:.1f} s away"

    def crash_postgres(self, kind: str) -> None:
        """Stopped at once or killed, away for some seconds, and started again."""
        blow, away = _now(kind), self.dice.uniform(0.5, 3)
        self.watch.hit(blow, self.watch.under_way())
        if kind == "postgres killed":
            self.postgres.kill()
        else:
            self.postgres.stop_at_once()
        time.sleep(away)
        self.postgres.start()
        blow.about = f"{away:.1f} s away, then its recovery"

    def kill_a_child(self) -> None:
        """kill -9 of the process that does a run, while the shop lets it wait."""
        self._kill("child", lambda pid: pid)

    def kill_a_worker(self) -> None:
        """kill -9 of a worker's first process, whose child is in a run."""
        self._kill("worker", self.crew.parent_of)

    def _kill(self, kind: str, chosen: Callable[[int], int | None]) -> None:
        """Until it was in the midst of a run: one that had just ended costs nobody anything."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            found = self._at_work()
            victim = chosen(found[1]) if found is not None else None
            if found is None or victim is None:
                continue
            row, blow = found[0], _now(kind)
            blow.about = f"process {victim} in run {row['id']}, {row['connection']}.{row['stream']}"
            self.watch.hit(blow, [row])
            kill(victim)
            if self._was_in_the_midst(row):
                return
            blow.missed = "the run had just ended"
        blow = _now(kind)
        blow.missed = f"nobody was at the shop for {PATIENCE:.0f} s"
        self.watch.hit(blow, [])

    def _at_work(self) -> tuple[dict[str, Any], int] | None:
        """A run of the shop that waits for its answer, and the process that does it."""
        self.town.shop.script(Fault(delay=LATE))
        until = time.monotonic() + PATIENCE / 2
        while time.monotonic() < until:
            for row in self.watch.under_way("running"):
                pid = int(row["worker"].rsplit(":", 2)[1])
                if row["connection"] == "shop" and alive(pid):
                    return row, pid
            time.sleep(0.05)
        return None

    def _was_in_the_midst(self, row: dict[str, Any]) -> bool:
        """Whether the run has to be begun again; waits for that."""
        until = time.monotonic() + MOST_SECONDS
        while time.monotonic() < until:
            now = self.watch.row(row["id"])
            if state_of(now) != state_of(row):
                return bool(now["attempt"] > row["attempt"])
            time.sleep(0.1)
        return True


def _now(kind: str) -> Blow:
    return Blow(kind, datetime.now(UTC))
