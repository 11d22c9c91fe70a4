"""What is told to subscribers and help desks, counted and listed; nothing of what a notice says about a person."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, func, select

from hub.stages.notices import notices

SHOWN = ("id", "event", "target", "kind", "rule", "contact_id", "reason", "happened_at", "status", "attempts")
TIMES = ("next_try_at", "settled_at", "message")


def counts(db: Connection) -> list[dict[str, Any]]:
    """How many by target, kind and status."""
    by = (notices.c.target, notices.c.kind, notices.c.status)
    query = select(*by, func.count().label("count")).group_by(*by).order_by(*by)
    return [dict(row) for row in db.execute(query).mappings()]


def listed(db: Connection, status: str | None, target: str | None, limit: int) -> list[dict[str, Any]]:
    """The newest first."""
    query = select(*(notices.c[name] for name in (*SHOWN, *TIMES))).order_by(notices.c.id.desc()).limit(limit)
    if status is not None:
        query = query.where(notices.c.status == status)
    if target is not None:
        query = query.where(notices.c.target == target)
    return [dict(row) for row in db.execute(query).mappings()]
