"""Looks at `hub runs` all the time: when each run read what, and how long lost work stayed unnoticed after a blow."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tests.soak.asking import Asking

UNDER_WAY = ("queued", "running")
State = tuple[str, int, int]
"""A run's status, attempt and slices: what changes when somebody does something about it."""


@dataclass(eq=False)
class Blow:
    """Something was struck. `noticed`: seconds by run until something was done about it; None: not yet.

    `missed`: why it could not be dealt, "" where it was.
    """

    kind: str
    at: datetime
    about: str = ""
    missed: str = ""
    before: dict[int, State] = field(default_factory=dict)
    noticed: dict[int, float | None] = field(default_factory=dict)

    @property
    def seconds(self) -> float:
        """Until the last of its runs was noticed; infinite while one is not, nothing where it met none."""
        return max((float("inf") if told is None else told for told in self.noticed.values()), default=0.0)

    def as_json(self) -> dict[str, Any]:
        told = {"kind": self.kind, "at": self.at.isoformat(), "about": self.about, "missed": self.missed}
        waits = [run_id for run_id, seconds in self.noticed.items() if seconds is None]
        done = [seconds for seconds in self.noticed.values() if seconds is not None]
        return {**told, "runs": len(self.noticed), "noticed": max(done, default=None), "never": waits}


@dataclass
class Watch:
    """`rows` has every run that was ever seen, as it was last. Blows are told of from another thread."""

    asking: Asking
    rows: dict[int, dict[str, Any]] = field(default_factory=dict)
    blows: list[Blow] = field(default_factory=list)
    unanswered: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def look(self) -> None:
        """Ask once, also for what is under way or was met by a blow, and is too old to be listed."""
        told = self.asking.runs()
        if told is None:
            self.unanswered += 1
            return
        self.take(told)
        listed = {row["id"] for row in told}
        self.take([row for run_id in self._open() - listed if (row := self.asking.run(run_id)) is not None])

    def take(self, rows: Iterable[dict[str, Any]]) -> None:
        """Note what runs are said to be now."""
        now = datetime.now(UTC)
        with self._lock:
            for row in rows:
                self.rows[row["id"]] = row
                for blow in self.blows:
                    _notice(blow, row, now)

    def hit(self, blow: Blow, rows: Iterable[dict[str, Any]]) -> None:
        """From now on it is measured when something is done about these runs, which were so when the blow came."""
        with self._lock:
            for row in rows:
                blow.before.setdefault(row["id"], state_of(row))
                blow.noticed.setdefault(row["id"], None)
            if blow not in self.blows:
                self.blows.append(blow)

    def under_way(self, *statuses: str) -> list[dict[str, Any]]:
        """The runs of these statuses, or of all that are under way, as they were last."""
        with self._lock:
            return [row for row in self.rows.values() if row["status"] in (statuses or UNDER_WAY)]

    def row(self, run_id: int) -> dict[str, Any]:
        with self._lock:
            return self.rows[run_id]

    def all_rows(self) -> list[dict[str, Any]]:
        with self._lock:
            return list(self.rows.values())

    def _open(self) -> set[int]:
        at_work = {row["id"] for row in self.under_way()}
        with self._lock:
            return at_work | {run_id for blow in self.blows for run_id, told in blow.noticed.items() if told is None}


def state_of(row: dict[str, Any]) -> State:
    return row["status"], row["attempt"], row["slices"]


def _notice(blow: Blow, row: dict[str, Any], now: datetime) -> None:
    run_id = row["id"]
    if blow.noticed.get(run_id, 0.0) is None and state_of(row) != blow.before[run_id]:
        blow.noticed[run_id] = (now - blow.at).total_seconds()
