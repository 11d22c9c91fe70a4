"""Figures by day, for charts: records taken over, and opt-outs that arrived. Days are those of the hub's own zone."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Connection, func, select

from hub.stages.plan import WITHDRAW
from hub.stages.runs import runs
from hub.stages.sights import deliveries

DAYS = 14

Days = list[tuple[date, int]]
"""Oldest first, today last."""


def records_by_day(db: Connection, zone: ZoneInfo, now: datetime) -> Days:
    """How many records were new or changed, by the day on which their run ended."""
    total = select(func.coalesce(func.sum(runs.c.applied), 0))
    return _by_day(db, total, runs.c.finished_at, zone, now)


def optouts_by_day(db: Connection, zone: ZoneInfo, now: datetime) -> Days:
    """How many opt-outs arrived at destinations, by the day on which they were sent."""
    arrived = (deliveries.c.lane == WITHDRAW) & (deliveries.c.status == "confirmed")
    return _by_day(db, select(func.count()).where(arrived), deliveries.c.sent_at, zone, now)


def _by_day(db: Connection, query: Any, at: ColumnElement[Any], zone: ZoneInfo, now: datetime) -> Days:
    """One range of the index a day."""
    today = now.astimezone(zone).date()
    found: Days = []
    for one in (today - timedelta(days=back) for back in range(DAYS - 1, -1, -1)):
        begins, ends = (datetime.combine(day, time(), zone) for day in (one, one + timedelta(days=1)))
        found.append((one, db.execute(query.where(at >= begins, at < ends)).scalar_one()))
    return found
