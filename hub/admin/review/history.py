"""The decisions of everybody, newest first, so that each can be undone for ever."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, select

from hub.stages.reading import decisions

PAGE = 50


def latest_decisions(db: Connection, before: int | None) -> Sequence[Any]:
    """A page of whole rows; `before`: only decisions with a smaller number."""
    query = select(decisions).order_by(decisions.c.id.desc()).limit(PAGE)
    return db.execute(query if before is None else query.where(decisions.c.id < before)).all()
