"""kill -9 at any moment of a plan or a push, then a clean one: all is as if nothing had happened, vendors included."""

from __future__ import annotations

import signal
import subprocess
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from connectors.kit.simulator import Entry
from tests.flows.consent.day import MINUTE, State, a_day, finished, pull, start_at
from tests.flows.consent.town import Town
from tests.flows.databases import Fresh, sqlite_in
from tests.flows.terminal import attended


@dataclass(frozen=True)
class Moment:
    """So many seconds after the vendors have answered so many requests of the command."""

    command: str
    requests: int = 0
    seconds: float = 0


@dataclass(frozen=True)
class Course:
    """How an undisturbed push went: the requests it made, and how long a plan took."""

    requests: int
    plan_seconds: float


class Tripwire(list[Entry]):
    """A ledger that tells of each entry, in the moment before the reply leaves."""

    def __init__(self, tell: Callable[[], None]) -> None:
        super().__init__()
        self._tell = tell

    def append(self, entry: Entry) -> None:
        super().append(entry)
        self._tell()


@dataclass
class Watch:
    """Counts requests, and kills a process when its moment has come."""

    moment: Moment
    process: subprocess.Popen[str] | None = None
    met: int = 0
    timers: list[threading.Timer] = field(default_factory=list)

    def tell(self) -> None:
        self.met += 1
        if self.process is not None and self.met == self.moment.requests:
            self._kill(self.process)

    def _kill(self, process: subprocess.Popen[str]) -> None:
        if not self.moment.seconds:
            process.kill()
            return
        self.timers.append(threading.Timer(self.moment.seconds, process.kill))
        self.timers[-1].start()

    def attend(self, process: subprocess.Popen[str]) -> int:
        """Until the process has ended, by itself or not; its exit code."""
        self.process = process
        if not self.moment.requests:
            with suppress(subprocess.TimeoutExpired):
                return process.wait(timeout=self.moment.seconds)
            process.kill()
        code = process.wait()
        for timer in self.timers:
            timer.cancel()
        return code


@pytest.mark.fault("W02")
def test_a_plan_and_a_push_killed_at_four_moments_are_finished_by_the_next(tmp_path: Path) -> None:
    course, expected = observe(tmp_path, lambda: sqlite_in(tmp_path))
    first_answer = 2
    moments = [Moment("plan", seconds=course.plan_seconds * 0.8), Moment("push", first_answer)]
    moments += [Moment("push", course.requests * 2 // 3), Moment("push", course.requests, 0.01)]
    check(tmp_path, lambda: sqlite_in(tmp_path), moments, expected)


@pytest.mark.slow
@pytest.mark.fault("W02")
def test_a_plan_and_a_push_killed_at_twenty_moments_are_finished_by_the_next(fresh: Fresh, tmp_path: Path) -> None:
    course, expected = observe(tmp_path, fresh)
    moments = [Moment("plan", seconds=course.plan_seconds * share) for share in (0.5, 0.7, 0.8, 0.9)]
    moments += [Moment("push", 1 + course.requests * step // 16, 0.02 * (step % 3)) for step in range(16)]
    check(tmp_path, fresh, moments, expected)


def check(root: Path, fresh: Fresh, moments: list[Moment], expected: State) -> None:
    killed = 0
    for moment in moments:
        code, state = kill(root, fresh, moment)
        killed += code == -signal.SIGKILL
        assert state.changes == expected.changes, moment
        assert state.tags == expected.tags, moment
        assert state.shown == expected.shown, moment
        assert [name for name in expected.digest if state.digest[name] != expected.digest[name]] == [], moment
    assert killed >= len(moments) * 3 / 4


def observe(root: Path, fresh: Fresh) -> tuple[Course, State]:
    """How an undisturbed plan and push go, and what they leave behind."""
    with fresh() as url, a_day(root) as town:
        pull(town, url)
        started = time.monotonic()
        assert _attended(town, url, Moment("plan", requests=-1)) == 0
        plan_seconds = time.monotonic() - started
        for simulator in town.simulators.values():
            simulator.ledger.clear()
        assert _attended(town, url, Moment("push", requests=-1)) == 0
        requests = sum(len(simulator.ledger) for simulator in town.simulators.values())
        return Course(requests, plan_seconds), finished(town, url)


def kill(root: Path, fresh: Fresh, moment: Moment) -> tuple[int, State]:
    """On fresh vendors and an empty database: the command killed at this moment, then everything once, undisturbed."""
    with fresh() as url, a_day(root) as town:
        pull(town, url)
        code = _attended(town, url, moment)
        return code, finished(town, url)


def _attended(town: Town, url: str, moment: Moment) -> int:
    """Run the command as a process; its exit code."""
    watch = Watch(moment)
    for simulator in town.simulators.values():
        simulator.ledger = Tripwire(watch.tell)
    process = start_at(MINUTE, town, url, moment.command)
    with attended(process):
        return watch.attend(process)
