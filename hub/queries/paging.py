"""Lists page by page: each page begins behind the last key of the one before, and reads no more than it shows."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, select, true

from hub.stages.golden import contacts
from hub.stages.reading import decision_links, decisions
from hub.stages.runs import runs
from hub.stages.segment import segment_members


def contacts_after(db: Connection, after: str, limit: int) -> list[dict[str, Any]]:
    """Contacts in the order of their ids; from the first with ""."""
    query = select(contacts).where(contacts.c.id > after).order_by(contacts.c.id).limit(limit)
    return [dict(row) for row in db.execute(query).mappings()]


def members_after(db: Connection, segment: str, after: str, limit: int) -> list[str]:
    """The ids of contacts in a segment, in their order."""
    own = (segment_members.c.segment == segment) & (segment_members.c.contact_id > after)
    query = (
        select(segment_members.c.contact_id)
        .where(own, segment_members.c.inside == true())
        .order_by(segment_members.c.contact_id)
        .limit(limit)
    )
    return list(db.execute(query).scalars())


def runs_before(db: Connection, before: int, limit: int) -> list[dict[str, Any]]:
    """Runs with a smaller number, newest first."""
    query = select(runs).where(runs.c.id < before).order_by(runs.c.id.desc()).limit(limit)
    return [dict(row) for row in db.execute(query).mappings()]


def decisions_before(db: Connection, before: int, limit: int) -> list[dict[str, Any]]:
    """Decisions with a smaller number, newest first, undone ones too."""
    query = select(decisions).where(decisions.c.id < before).order_by(decisions.c.id.desc()).limit(limit)
    return [dict(row) for row in db.execute(query).mappings()]


MOST_LINKS = 1_000
"""Pairs of one decision that are told; a split of a very large contact names more."""


def one_decision(db: Connection, number: int) -> dict[str, Any] | None:
    """A decision with the pairs of records, by the ids they were born with, that it names."""
    row = db.execute(select(decisions).where(decisions.c.id == number)).mappings().first()
    if row is None:
        return None
    links = decision_links.c
    pairs = (
        select(links.left_id.label("left"), links.right_id.label("right"), links.link)
        .where(links.decision_id == number)
        .order_by(links.left_id, links.right_id)
        .limit(MOST_LINKS)
    )
    return {**row, "links": [dict(pair) for pair in db.execute(pairs).mappings()]}
