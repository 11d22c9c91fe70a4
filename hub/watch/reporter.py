"""A reporter that logs what runs do, and passes it on."""

from __future__ import annotations

import logging
import time
from typing import Protocol

from hub.stages.runs import Buckets
from hub.watch.log import fields

log = logging.getLogger("hub.runs")

LEVELS = {"ok": logging.INFO, "cancelled": logging.INFO, "running": logging.INFO}
"""How loud the end of a run is; any other end is a warning."""


class Ended(Protocol):
    """What is logged of a run's end; `hub.jobs.inline.RunEnd` is one. Its message is not: a vendor may have said it."""

    @property
    def connection(self) -> str: ...

    @property
    def stream(self) -> str: ...

    @property
    def status(self) -> str: ...

    @property
    def exit_code(self) -> int: ...

    @property
    def run_id(self) -> int | None: ...

    @property
    def buckets(self) -> Buckets: ...

    @property
    def drift(self) -> dict[str, int] | None: ...


class Logged:
    """A reporter whose events are `run.started`, `run.page` (debug), `run.ended`, `drift.found` and `lease.lost`."""

    def __init__(self) -> None:
        self._began: dict[tuple[str, str], float] = {}

    def started(self, connection: str, stream: str) -> None:
        self._began[connection, stream] = time.monotonic()
        log.info("run.started", extra=fields(connection=connection, stream=stream))

    def moved(self, connection: str, stream: str, buckets: Buckets, total: int | None) -> None:
        log.debug("run.page", extra=fields(connection=connection, stream=stream, fetched=buckets.fetched, total=total))

    def ended(self, end: Ended) -> None:
        began = self._began.pop((end.connection, end.stream), None)
        told = fields(
            run=end.run_id,
            connection=end.connection,
            stream=end.stream,
            seconds=None if began is None else round(time.monotonic() - began, 3),
            status=end.status,
            exit_code=end.exit_code,
            fetched=end.buckets.fetched,
            applied=end.buckets.applied,
            unchanged=end.buckets.unchanged,
            superseded=end.buckets.superseded,
            quarantined=end.buckets.quarantined,
            dropped=end.buckets.dropped,
        )
        if end.status == "lost":
            log.warning("lease.lost", extra=told)
        else:
            log.log(LEVELS.get(end.status, logging.WARNING), "run.ended", extra=told)
        if end.drift and any(end.drift.values()):
            named = fields(run=end.run_id, connection=end.connection, stream=end.stream, **end.drift)
            log.warning("drift.found", extra=named)

    def resolving(self, records: int) -> None:
        log.debug("resolve.page", extra=fields(records=records))
