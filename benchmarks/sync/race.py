"""One contender's run from start to end, measured and checked: the same vendor, a database of its own."""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.rivals.process import Measured, run_measured
from benchmarks.sync.contenders import Contender, Stand
from benchmarks.sync.databases import Databases, rows
from benchmarks.sync.market import Market

Figures = dict[str, Any]


@dataclass(frozen=True)
class Race:
    """All on one kind of database."""

    market: Market
    databases: Databases

    def stand(self, contender: Contender) -> Stand:
        """An empty database and an empty folder."""
        name = "".join(letter for letter in contender.name if letter.isalnum())
        folder = self.databases.folder / f"{self.databases.kind}-{name}-{time.time_ns()}"
        folder.mkdir()
        return Stand(self.market.url, self.databases.kind, self.databases.fresh(folder.name), folder)

    def run(self, contender: Contender, stand: Stand, expected: int) -> Figures:
        """What it cost to read `expected` records or a few more. Exits where it failed or rows are missing."""
        self.databases.settle()
        self.market.reset()
        begun, before = time.time(), self.databases.cpu_seconds()
        measured = run_measured(contender.command(stand), stand.folder / "said")
        after, served = self.databases.cpu_seconds(), self.market.served()
        self._check(contender, stand, measured, served["records"], expected)
        print(f"{contender.name} on {stand.kind}: {measured.seconds_wall:.2f} s", file=sys.stderr, flush=True)
        return {
            "records_per_second": expected / measured.seconds_wall,
            "wall_seconds": measured.seconds_wall,
            "start_seconds": served["first"] - begun,
            "cpu_seconds": measured.cpu_seconds,
            "server_cpu_seconds": None if before is None or after is None else after - before,
            "cpu_us_a_record": measured.cpu_seconds / max(expected, 1) * 1e6,
            "peak_mib": measured.peak_mib,
            "pages": served["pages"],
            "records_read": served["records"],
        }

    def over(self, stand: Stand) -> None:
        self.databases.drop(stand.database)

    def _check(self, contender: Contender, stand: Stand, measured: Measured, read: int, expected: int) -> None:
        if measured.returncode:
            said = (stand.folder / "said").read_text(errors="replace")[-3_000:]
            sys.exit(f"{said}\n{contender.name} on {stand.kind} ended with {measured.returncode}")
        if read < expected:
            sys.exit(f"{contender.name} on {stand.kind} read {read:,} of {expected:,} records")
        table = contender.table.get(stand.kind)
        if table and (held := rows(stand.database, table)) != self.market.records:
            sys.exit(f"{contender.name} on {stand.kind} holds {held:,} rows of {self.market.records:,}")


def median(runs: Sequence[Figures]) -> Figures:
    """The run whose wall time is the median (of an even number the quicker one), and the walls of all."""
    ordered = sorted(runs, key=lambda one: float(one["wall_seconds"]))
    middle = statistics.median_low([float(one["wall_seconds"]) for one in ordered])
    chosen = next(one for one in ordered if one["wall_seconds"] == middle)
    return {**chosen, "walls": [one["wall_seconds"] for one in runs]}
