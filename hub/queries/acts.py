"""What was done by whom, looked through: a page of the audit at a time, the newest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, select

from hub.audit import entries

APART = timedelta(hours=1)
"""How much the clocks of the machines that write may differ."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows: each part that is given must fit; an action that ends in a dot stands for all that begin so."""

    actor: str = ""
    action: str = ""
    subject: str = ""
    since: datetime | None = None
    until: datetime | None = None


def acts(db: Connection, wanted: Wanted, limit: int, before: int | None = None) -> list[dict[str, Any]]:
    """The newest rows, below the number `before`: that of the last row of the page before."""
    return [dict(row) for row in db.execute(looking(db, wanted, limit, before)).mappings()]


def looking(db: Connection, wanted: Wanted, limit: int, before: int | None = None) -> Select[Any]:
    """The statement of `acts`; rows lie by number, so that a time becomes the numbers that it lies between."""
    query = select(entries).order_by(entries.c.id.desc()).limit(limit)
    if before is not None:
        query = query.where(entries.c.id < before)
    for column, given in ((entries.c.actor, wanted.actor), (entries.c.subject, wanted.subject)):
        if given:
            query = query.where(column == given)
    if wanted.action:
        query = query.where(_is_action(wanted.action))
    if wanted.since is not None:
        last_before = _number(db, entries.c.at < wanted.since - APART, entries.c.at.desc(), entries.c.id.desc())
        query = query.where(entries.c.at >= wanted.since, entries.c.id > (last_before or 0))
    if wanted.until is not None:
        first_after = _number(db, entries.c.at >= wanted.until + APART, entries.c.at, entries.c.id)
        query = query.where(entries.c.at < wanted.until)
        if first_after is not None:
            query = query.where(entries.c.id < first_after)
    return query


def _is_action(action: str) -> ColumnElement[bool]:
    if action.endswith("."):
        return (entries.c.action > action) & (entries.c.action < action[:-1] + "/")  # what follows a dot
    return entries.c.action == action


def _number(db: Connection, fits: ColumnElement[bool], *order: ColumnElement[Any]) -> int | None:
    found: int | None = db.execute(select(entries.c.id).where(fits).order_by(*order).limit(1)).scalar()
    return found
