"""The bench's hold on the vendor's process: start it, set it, ask what it has served."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import requests

from benchmarks.identity.program import ROOT


@dataclass(frozen=True)
class Market:
    """A running vendor at `url` that holds `records` users."""

    url: str
    records: int

    def page(self, most: int) -> None:
        """The largest page from now on, whatever is asked for."""
        self._tell("page", most=most)

    def delay(self, milliseconds: int) -> None:
        """How long every page takes from now on."""
        self._tell("delay", ms=milliseconds)

    def change(self, count: int) -> None:
        """So many users change; the first walk can not be asked for any more."""
        self._tell("change", count=count)

    def reset(self) -> None:
        """Count from here."""
        self._tell("reset")

    def served(self) -> dict[str, Any]:
        """Records, pages and bytes since the reset; `first`: when the first page was asked for, as time.time()."""
        return self._tell("served")

    def _tell(self, command: str, **given: int) -> dict[str, Any]:
        told: dict[str, Any] = requests.get(f"{self.url}/_bench/{command}", params=given, timeout=600).json()
        return told


@contextmanager
def market(records: int) -> Iterator[Market]:
    """A vendor that has been walked, for the length of a block."""
    command: list[Any] = [sys.executable, "-m", "benchmarks.sync.vendor", str(records)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        if not (url := process.stdout.readline().strip()):
            sys.exit("the vendor of the benchmark did not start")
        try:
            yield Market(url, records)
        finally:
            assert process.stdin is not None
            process.stdin.close()
