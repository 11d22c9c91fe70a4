"""Progress of runs on stderr: bars on a terminal, one JSON line per event elsewhere."""

from __future__ import annotations

import sys
from dataclasses import asdict
from types import TracebackType
from typing import Any, Self

import orjson
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from hub.cli.output import talk
from hub.jobs.inline import RunEnd
from hub.stages.runs import Buckets


class Lines:
    """One JSON line per event."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def started(self, connection: str, stream: str) -> None:
        self._say("started", connection, stream)

    def moved(self, connection: str, stream: str, buckets: Buckets, total: int | None) -> None:
        self._say("page", connection, stream, **asdict(buckets), total=total)

    def ended(self, end: RunEnd) -> None:
        print(orjson.dumps({"event": "ended", **end.as_json()}).decode(), file=sys.stderr, flush=True)

    def resolving(self, records: int) -> None:
        print(orjson.dumps({"event": "resolving", "records": records}).decode(), file=sys.stderr, flush=True)

    def _say(self, event: str, connection: str, stream: str, **more: Any) -> None:
        line = {"event": event, "connection": connection, "stream": stream, **more}
        print(orjson.dumps(line).decode(), file=sys.stderr, flush=True)


class Bars:
    """A bar per stream, and a line when it ends."""

    def __init__(self) -> None:
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TextColumn("{task.fields[note]}"),
            TimeElapsedColumn(),
            console=talk,
        )
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if task := self._tasks.get("resolve"):
            done = self._progress.tasks[task].completed
            self._progress.update(task, total=done, note="ok")
        self._progress.stop()

    def started(self, connection: str, stream: str) -> None:
        self._tasks[f"{connection}.{stream}"] = self._progress.add_task(f"{connection}.{stream}", total=None, note="")

    def moved(self, connection: str, stream: str, buckets: Buckets, total: int | None) -> None:
        note = f"{buckets.quarantined} held" if buckets.quarantined else ""
        self._progress.update(self._tasks[f"{connection}.{stream}"], completed=buckets.fetched, total=total, note=note)

    def ended(self, end: RunEnd) -> None:
        task = self._tasks.get(f"{end.connection}.{end.stream}")
        note = end.status if not end.message else f"{end.status}: {end.message}"
        if task is None:
            talk.print(f"{end.connection}.{end.stream}  {note}", markup=False)
            return
        fetched = end.buckets.fetched
        self._progress.update(task, completed=fetched, total=max(fetched, 1) if fetched else 1, note=note)

    def resolving(self, records: int) -> None:
        task = self._tasks.get("resolve")
        if task is None:
            task = self._tasks["resolve"] = self._progress.add_task("resolve", total=None, note="records")
        self._progress.update(task, completed=records)


def progress() -> Bars | Lines:
    return Bars() if talk.is_terminal else Lines()
