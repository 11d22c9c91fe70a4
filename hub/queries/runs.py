"""The runs as a person looks for them: by connection, by status, only what went wrong, page by page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from hub.stages.runs import runs, states

WENT_WRONG = ("failed", "held", "lost")
BIGGEST_ID = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which runs. Empty means any; `before`: only those with a smaller number, 0 for the newest."""

    connection: str = ""
    status: str = ""
    failed: bool = False
    before: int = 0


def some_runs(db: Connection, wanted: Wanted, limit: int) -> list[dict[str, Any]]:
    """The newest first; walks the runs by their number, so that a page costs what it shows and what it skips."""
    query = select(runs).order_by(runs.c.id.desc()).limit(limit)
    if wanted.connection:
        query = query.where(runs.c.connection == wanted.connection)
    if wanted.status:
        query = query.where(runs.c.status == wanted.status)
    if wanted.failed:
        query = query.where(runs.c.status.in_(WENT_WRONG))
    if wanted.before:
        query = query.where(runs.c.id < wanted.before)
    return [dict(row) for row in db.execute(query).mappings()]


def connections_that_ran(db: Connection) -> list[str]:
    return sorted(set(db.execute(select(states.c.connection)).scalars()))
