"""The processes of an installation, begun again when they end, as systemd does with Restart=always."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.flows.service import alive, children_of
from tests.flows.terminal import ROOT

WORKERS, SCHEDULERS = 2, 4

RESTART_SECONDS = 2.0
"""As in deploy/systemd."""

GRACE_SECONDS = 45.0


@dataclass
class Member:
    """One service: a worker or a scheduler. `started`: how often it was."""

    name: str
    command: str
    process: subprocess.Popen[bytes] | None = None
    begin_at: float = 0.0
    started: int = 0


@dataclass
class Crew:
    """Two workers and four schedulers. Call `tick` often, always from the same thread: they live as long as it does."""

    config: Path
    environment: Mapping[str, str]
    logs: Path
    members: list[Member] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.logs.mkdir(parents=True, exist_ok=True)
        for command, number in (("worker", WORKERS), ("scheduler", SCHEDULERS)):
            self.members += [Member(f"{command}-{one}", command) for one in range(1, number + 1)]

    def tick(self) -> None:
        """Begin what is not there and whose time has come."""
        for member in self.members:
            if member.process is not None and member.process.poll() is not None:
                member.process, member.begin_at = None, time.monotonic() + RESTART_SECONDS
            if member.process is None and time.monotonic() >= member.begin_at:
                self._begin(member)

    def lasting(self) -> dict[str, int]:
        """The processes that are to live long, by name: schedulers, workers' parents, and the parents' children."""
        found = {}
        for member in self.members:
            if member.process is None or not alive(member.process.pid):
                continue
            found[member.name] = member.process.pid
            for child in children_of(member.process.pid):
                found[f"{member.name} child {child}"] = child
        return found

    def parent_of(self, worker_pid: int) -> int | None:
        """The first process of the worker whose descendant this is."""
        for member in self.members:
            if member.process is None or member.command != "worker" or not alive(member.process.pid):
                continue
            for child in children_of(member.process.pid):
                if worker_pid in (child, *_children(child)):
                    return member.process.pid
        return None

    def end(self) -> list[str]:
        """Stop all as systemd does; who did not stop in time, and was killed."""
        running = [member for member in self.members if member.process is not None]
        for member in running:
            if member.process is not None and member.process.poll() is None:
                member.process.send_signal(signal.SIGTERM)
        until, late = time.monotonic() + GRACE_SECONDS, []
        for member in running:
            assert member.process is not None
            try:
                member.process.wait(max(0.1, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                late.append(member.name)
                member.process.kill()
                member.process.wait()
            member.process = None
        return late

    def _begin(self, member: Member) -> None:
        words = [sys.executable, "-m", "tests.soak.leashed", str(os.getpid()), "-c", str(self.config), member.command]
        with (self.logs / f"{member.name}.log").open("ab") as log:
            member.process = subprocess.Popen(
                words,
                cwd=ROOT,
                env={**os.environ, **self.environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        member.started += 1


def _children(pid: int) -> list[int]:
    try:
        return children_of(pid)
    except FileNotFoundError:
        return []


@contextmanager
def crew(config: Path, environment: Mapping[str, str], logs: Path) -> Iterator[Crew]:
    """The installation's processes for the length of a block."""
    found = Crew(config, environment, logs)
    found.tick()
    try:
        yield found
    finally:
        found.end()
