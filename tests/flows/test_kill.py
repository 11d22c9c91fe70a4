"""kill -9 at any moment of a sync, then a clean one: all is as if nothing had happened, contact ids included."""

from __future__ import annotations

import hashlib
import signal
import subprocess
import time
from bisect import bisect_right
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import select

from dedupe.engine.weights import load
from hub.queries.bands import Band
from hub.queries.digest import digest
from hub.queries.export import assignments
from hub.stages.runs import runs
from hub.store.engine import open_store
from tests.flows.databases import Fresh
from tests.flows.terminal import Hub, Said, attended
from tests.flows.world import World, running

AT_ONCE = 2
"""Syncs side by side in the long test; the undisturbed one is observed in the same company."""

PAGE = '{"event":"page"'


@dataclass(frozen=True)
class Moment:
    """So many seconds after the process has said so many lines: on a busy machine it drifts by one line at most."""

    lines: int
    seconds: float = 0

    def come(self, process: subprocess.Popen[str]) -> str:
        """Wait for it, or for the end of the process; what the process said until then."""
        said = "".join(line for _, line in zip(range(self.lines), process.stderr or (), strict=False))
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=self.seconds)
        return said


@dataclass(frozen=True)
class Course:
    """How an undisturbed sync went: when it said each line, which of them told of the first page, how long it was."""

    said_at: list[float]
    first_page: int
    seconds: float

    def moments(self, count: int) -> list[Moment]:
        """So many moments, evenly from the first page to the end."""
        began = self.said_at[self.first_page]
        return [self._moment(began + (self.seconds - began) * (step + 0.5) / count) for step in range(count)]

    def _moment(self, seconds: float) -> Moment:
        """The moment this long after the start."""
        lines = bisect_right(self.said_at, seconds)
        return Moment(lines, seconds - self.said_at[lines - 1] if lines else seconds)


@dataclass(frozen=True)
class State:
    """What a database holds in the end: digests of it and of the export of assignments, and how its runs ended."""

    digest: dict[str, dict[str, str]]
    assignments: str
    statuses: set[str]


@dataclass(frozen=True)
class Outcome:
    """One kill and the clean sync after it. `landed`: pages were committed before."""

    killed: bool
    landed: bool
    state: State


@pytest.mark.fault("P14")
def test_a_sync_killed_at_four_moments_is_finished_by_the_next(fresh: Fresh, tmp_path: Path) -> None:
    """The short form of the next test: it kills just after a commit, as the process's own talk tells it."""
    with running(tmp_path / "world", people=100) as world:
        course, expected = observe(world, fresh)
        lines = range(course.first_page, len(course.said_at))
        moments = [Moment(lines[len(lines) * step // 4] + 1) for step in range(4)]
        outcomes = [kill(world, fresh, moment, Hub.here) for moment in moments]
    assert [outcome for outcome in outcomes if not outcome.killed or not outcome.landed] == []
    check(outcomes, expected)


@pytest.mark.slow
@pytest.mark.fault("P14")
def test_a_sync_killed_at_twenty_moments_is_finished_by_the_next(fresh: Fresh, tmp_path: Path) -> None:
    with running(tmp_path / "world", people=2_000) as world, ThreadPoolExecutor(AT_ONCE) as pool:
        (course, expected), (_, other) = pool.map(lambda _: observe(world, fresh), range(AT_ONCE))
        outcomes = list(pool.map(lambda moment: kill(world, fresh, moment, Hub.run), course.moments(20)))
    assert other == expected
    assert sum(outcome.killed and outcome.landed for outcome in outcomes) >= 15
    check(outcomes, expected)


def check(outcomes: list[Outcome], expected: State) -> None:
    for outcome in outcomes:
        assert outcome.state.digest == expected.digest
        assert outcome.state.assignments == expected.assignments
        assert outcome.state.statuses <= {"ok", "lost"}  # no run of the dead is left as running


def observe(world: World, fresh: Fresh) -> tuple[Course, State]:
    """How an undisturbed sync goes, and what it leaves behind."""
    with fresh() as url:
        started = time.monotonic()
        with attended(Hub(world.config, url).start("sync", stdout=subprocess.DEVNULL)) as process:
            said = [(line, time.monotonic() - started) for line in process.stderr or ()]
            assert process.wait() == 0
        seconds = time.monotonic() - started
        first_page = next(number for number, (line, _) in enumerate(said) if line.startswith(PAGE))
        return Course([when for _, when in said], first_page, seconds), state_of(url)


def kill(world: World, fresh: Fresh, moment: Moment, again: Callable[[Hub, str], Said]) -> Outcome:
    """On an empty database: a sync killed at this moment, then a clean one."""
    with fresh() as url:
        hub = Hub(world.config, url)
        with attended(hub.start("sync", stdout=subprocess.DEVNULL)) as process:
            said = moment.come(process)
            process.kill()
            said += process.communicate()[1]
        again(hub, "sync")
        return Outcome(process.returncode == -signal.SIGKILL, PAGE in said, state_of(url))


def state_of(url: str) -> State:
    store = open_store(url)
    try:
        with store.read() as db:
            statuses = set(db.execute(select(runs.c.status)).scalars())
            listed = hashlib.sha256(
                repr([tuple(row.values()) for row in assignments(db, Band.AUTOMATIC, load())]).encode()
            )
            return State(digest(db), listed.hexdigest(), statuses)
    finally:
        store.close()
