"""When a stream, or its reconciliation, is due by `every` or `cron`; nothing else knows how a schedule is read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Protocol
from zlib import crc32
from zoneinfo import ZoneInfo

from cronsim import CronSim

from hub.settings.settings import ConnectionStream

MOST_JITTER = timedelta(minutes=1)
JITTER_SHARE = 20
"""A stream begins at most a minute, or this part of its interval, after its slot: not all at the same second."""


class Schedule(Protocol):
    """What has a schedule: a stream, or its reconciliation."""

    @property
    def every(self) -> timedelta | None: ...

    @property
    def cron(self) -> str | None: ...

    @property
    def timezone(self) -> str: ...


def next_due(schedule: Schedule, last_started: datetime | None) -> datetime | None:
    """When something should run next (aware UTC); None when nothing schedules it. Missed slots give one run."""
    if schedule.every is None and schedule.cron is None:
        return None
    if last_started is None:
        return datetime.min.replace(tzinfo=UTC)
    if schedule.cron is None:
        return last_started + (schedule.every or timedelta(0))
    slot: datetime = next(CronSim(schedule.cron, last_started.astimezone(ZoneInfo(schedule.timezone))))
    return slot.astimezone(UTC)


def jitter(connection: str, stream: ConnectionStream) -> timedelta:
    """How long after its slot a stream begins: always the same for the same name, so that all schedulers agree."""
    most = MOST_JITTER if stream.every is None else min(MOST_JITTER, stream.every / JITTER_SHARE)
    return most * (crc32(f"{connection}.{stream.name}".encode()) / 2**32)
