"""kill -9 at any moment of a plan or a push, then a clean one: all is as if nothing had happened, vendors included."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from connectors.kit.simulator import Entry
from hub.queries.digest import digest
from hub.stages.land import landed
from hub.store.engine import open_store
from tests.flows.consent.life import DAWN, ticking
from tests.flows.consent.town import LIST, Town, hub_of, open_town
from tests.flows.databases import Fresh, sqlite_in
from tests.flows.terminal import ROOT, attended

PROGRAM = """
import sys
from datetime import datetime
import time_machine
from hub.cli.commands import app
with time_machine.travel(datetime.fromisoformat(sys.argv.pop(1)), tick=True):
    app()
"""
"""`hub` as a process whose clock starts where the vendors' stand still, so that all runs see the same times."""

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Moment:
    """So many seconds after the vendors have answered so many requests of the command."""

    command: str
    requests: int = 0
    seconds: float = 0


@dataclass(frozen=True)
class State:
    """What is left in the end: the database's digest, and by vendor every change of consent that it has seen.

    The digest is without what was landed, for a push after a kill reads once more: instead `shown` has what every
    record shows in the end.
    """

    digest: dict[str, str]
    shown: dict[tuple[str, str, str], str]
    changes: dict[str, list[tuple[str, str, str, str]]]
    tags: dict[str, set[tuple[str, str]]]


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
    with fresh() as url, _town(root) as town:
        _pull(town, url)
        started = time.monotonic()
        assert _attended(town, url, Moment("plan", requests=-1)) == 0
        plan_seconds = time.monotonic() - started
        for simulator in town.simulators.values():
            simulator.ledger.clear()
        assert _attended(town, url, Moment("push", requests=-1)) == 0
        requests = sum(len(simulator.ledger) for simulator in town.simulators.values())
        return Course(requests, plan_seconds), _finished(town, url)


def kill(root: Path, fresh: Fresh, moment: Moment) -> tuple[int, State]:
    """On fresh vendors and an empty database: the command killed at this moment, then everything once, undisturbed."""
    with fresh() as url, _town(root) as town:
        _pull(town, url)
        code = _attended(town, url, moment)
        return code, _finished(town, url)


@contextmanager
def _town(root: Path) -> Iterator[Town]:
    """A town whose clocks stand still, with a no at each vendor and a yes at one."""
    with open_town(root, now=lambda: DAWN) as town:
        town.neighbours(8)
        bob, charlie, dora, emil = (
            town.welcome(name, number) for number, name in enumerate(("Bob", "Charlie", "Dora", "Emil"), 157)
        )
        alice = town.welcome("Alice", 156)
        with town.at(-timedelta(days=20)):
            town.newsletter.fill_form(LIST, charlie.email)
            town.newsletter.fill_form(LIST, bob.email)
        with town.at(-timedelta(days=2)):
            town.newsletter.click_unsubscribe(LIST, charlie.email)
            town.shop.unsubscribe(bob.customer, "email")
            town.shop.unsubscribe(bob.customer, "sms")
            town.texts.text(dora.phone, "STOP")
            town.help.agent_sets(emil.user, "sms", "withdrawn")
            for customer in (alice.customer, dora.customer, emil.customer):
                town.shop.place_order(customer)
                town.shop.place_order(customer)
        yield town


def _pull(town: Town, url: str) -> None:
    with ticking(DAWN):
        hub_of(town.root, url).here("sync", "--no-push")


def _attended(town: Town, url: str, moment: Moment) -> int:
    """Run the command as a process; its exit code."""
    watch = Watch(moment)
    for simulator in town.simulators.values():
        simulator.ledger = Tripwire(watch.tell)
    hub = hub_of(town.root, url)
    paths = os.pathsep.join(path for path in (str(ROOT), os.environ.get("PYTHONPATH")) if path)
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, (DAWN + MINUTE).isoformat(), "-c", str(hub.config), moment.command],
        env={**os.environ, "PYTHONPATH": paths, **hub.environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    with attended(process):
        return watch.attend(process)


def _finished(town: Town, url: str) -> State:
    """A clean push, a sync and another that reads what they wrote; then nothing is left to be sent."""
    hub = hub_of(town.root, url)
    for minutes, command in ((2, "push"), (3, "sync"), (4, "sync")):
        with ticking(DAWN + minutes * MINUTE):
            hub.here(command)
    with ticking(DAWN + 4 * MINUTE):
        assert hub.here("plan", "--json").document["operations"] == []
    store = open_store(url)
    try:
        with store.read() as db:
            found = {name: told for tables in digest(db).values() for name, told in tables.items()}
            query = select(landed.c.connection, landed.c.stream, landed.c.external_id, landed.c.body)
            shown = {(row[0], row[1], row[2]): row[3] for row in db.execute(query)}
    finally:
        store.close()
    for name in ("landed_version",):
        del found[name]
    changes = {name: sorted(town.changed(name)) for name in town.simulators}
    tags = {name: {told[:2] for told in town.tags(name)} for name in town.simulators}
    return State(found, shown, changes, tags)
