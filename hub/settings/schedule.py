"""When a stream is due by its `every` or `cron`; nothing else knows how a schedule is read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from cronsim import CronSim

from hub.settings.settings import ConnectionStream


def next_due(stream: ConnectionStream, last_started: datetime | None) -> datetime | None:
    """When a stream should run next (aware UTC); None when nothing schedules it. Missed slots give one run."""
    if stream.every is None and stream.cron is None:
        return None
    if last_started is None:
        return datetime.min.replace(tzinfo=UTC)
    if stream.cron is None:
        return last_started + (stream.every or timedelta(0))
    slot: datetime = next(CronSim(stream.cron, last_started.astimezone(ZoneInfo(stream.timezone))))
    return slot.astimezone(UTC)
