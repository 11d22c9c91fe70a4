"""Works a configured hub as an operator does: `hub` as a process, or, where a test runs many, inside this one."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from hub.cli.commands import app

ROOT = Path(__file__).parents[2]
MODULE = ("-m", "hub.cli.commands")
PATIENCE = 120


@dataclass(frozen=True)
class Said:
    """What a command said. `document` is all of stdout as JSON, so talk on stdout makes it fail."""

    code: int
    stdout: str
    stderr: str

    @cached_property
    def document(self) -> Any:
        return json.loads(self.stdout)

    @cached_property
    def events(self) -> list[dict[str, Any]]:
        """The JSON lines on stderr."""
        return [json.loads(line) for line in self.stderr.splitlines() if line.startswith("{")]


@dataclass(frozen=True)
class Hub:
    """A hub with its configuration folder, its database's URL, and what else is in the environment."""

    config: Path
    database: str
    extra: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        return {"HUB_DATABASE": self.database, **self.extra}

    def start(self, *words: str, **pipes: Any) -> subprocess.Popen[str]:
        return start("-c", str(self.config), *words, environment=self.environment, **pipes)

    def run(self, *words: str, code: int = 0) -> Said:
        """As a process of its own; the exit code must be `code`."""
        return _checked(finished(self.start(*words)), code)

    def here(self, *words: str, code: int = 0) -> Said:
        """Inside this process, which spares two seconds of starting; the exit code must be `code`."""
        ours = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            found = CliRunner().invoke(app, ["-c", str(self.config), *words], env=self.environment)
        finally:
            for number, handler in ours.items():
                signal.signal(number, handler)
        if found.exception is not None and not isinstance(found.exception, SystemExit):
            raise found.exception
        return _checked(Said(found.exit_code, found.stdout, found.stderr), code)


def start(*words: str, environment: dict[str, str] | None = None, **how: Any) -> subprocess.Popen[str]:
    """`hub` with these words, as a process with pipes for what it says."""
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **how}
    paths = os.pathsep.join(path for path in (str(ROOT), os.environ.get("PYTHONPATH")) if path)
    return subprocess.Popen(
        [sys.executable, *MODULE, *words],
        env={**os.environ, "PYTHONPATH": paths, **(environment or {})},
        text=True,
        **pipes,
    )


def finished(process: subprocess.Popen[str]) -> Said:
    """Everything that a process has said when it ends by itself."""
    with attended(process):
        stdout, stderr = process.communicate()
    return Said(process.returncode, stdout, stderr)


@contextmanager
def attended(process: subprocess.Popen[str], seconds: float = PATIENCE) -> Iterator[subprocess.Popen[str]]:
    """A process that is gone after the block, and after so many seconds at the latest, whatever happens in it."""
    alarm = threading.Timer(seconds, process.kill)
    alarm.start()
    with process:
        try:
            yield process
        finally:
            alarm.cancel()
            process.kill()


def _checked(said: Said, code: int) -> Said:
    assert said.code == code, f"exit {said.code}\n{said.stdout[-2000:]}\n{said.stderr[-4000:]}"
    return said
