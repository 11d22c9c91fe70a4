"""Segments: who is in them, who came and went lately, and who of them may be sent to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, select, true

from hub.settings.settings import Settings
from hub.stages.consent import state_of, states
from hub.stages.golden import contacts
from hub.stages.holdings import holdings, members
from hub.stages.segment import segment_members, stays
from hub.stages.tags import tag_of
from hub.store.sql import chunks

LATELY = timedelta(days=7)


class NoSuchSegment(Exception):
    """No segment has this name; the message names those there are."""


def segments_list(db: Connection, settings: Settings, now: datetime | None = None) -> list[dict[str, Any]]:
    """The configured segments with their counts; `targets` says as which tag each connection gets them."""
    since = (now or datetime.now(UTC)) - LATELY
    inside = _members_of(db)
    entered, left = _moves(db, stays.c.entered_at >= since), _moves(db, stays.c.left_at >= since)
    return [
        {
            "name": name,
            "title": segment.title,
            "channel": segment.channel,
            "members": inside.get(name, 0),
            "entered": entered.get(name, 0),
            "left": left.get(name, 0),
            "targets": {
                connection.name: tag_of(connection.push.segments[name])
                for connection in settings.connections.values()
                if name in connection.push.segments
            },
        }
        for name, segment in settings.segments.items()
    ]


def _members_of(db: Connection) -> dict[str, int]:
    query = (
        select(segment_members.c.segment, func.count())
        .where(segment_members.c.inside == true())
        .group_by(segment_members.c.segment)
    )
    return {row[0]: row[1] for row in db.execute(query)}


def _moves(db: Connection, when: ColumnElement[bool]) -> dict[str, int]:
    query = select(stays.c.segment, func.count()).where(when).group_by(stays.c.segment)
    return {row[0]: row[1] for row in db.execute(query)}


def segment_preview(db: Connection, settings: Settings, name: str, limit: int = 50) -> dict[str, Any]:
    """The first members by name, each with whether any address of theirs may be sent to on the segment's channel.

    Raises NoSuchSegment.
    """
    segment = settings.segments.get(name)
    if segment is None:
        raise NoSuchSegment(f"there is no segment {name!r}; there are: {', '.join(settings.segments) or 'none'}")
    query = (
        select(contacts)
        .join(segment_members, segment_members.c.contact_id == contacts.c.id)
        .where(segment_members.c.segment == name, segment_members.c.inside == true())
        .order_by(contacts.c.name, contacts.c.id)
    )
    rows = db.execute(query).all()
    sendable = may_be_sent_to(db, [row.id for row in rows], segment.channel)
    return {
        "name": name,
        "title": segment.title,
        "channel": segment.channel,
        "counts": {"members": len(rows), "may_send": len(sendable)},
        "members": [
            {
                "contact_id": row.id,
                "name": row.name,
                "email": row.email,
                "phone": row.phone,
                "may_send": row.id in sendable,
            }
            for row in rows[:limit]
        ],
    }


def may_be_sent_to(db: Connection, contact_ids: Sequence[str], channel: str) -> set[str]:
    """Which of these contacts may be sent to on a channel, at one address and one destination at least."""
    found: set[str] = set()
    for some in chunks(contact_ids):
        query = (
            select(members.c.contact_id, states)
            .join(holdings, holdings.c.record_id == members.c.record_id)
            .join(states, (states.c.channel == holdings.c.channel) & (states.c.address == holdings.c.address))
            .where(members.c.contact_id.in_(some), holdings.c.channel == channel)
        )
        for row in db.execute(query).mappings():
            state = state_of(row)
            if state.may_send or any(state.may_send_at(scope) for scope in state.scopes):
                found.add(row["contact_id"])
    return found


def segments_of(db: Connection, settings: Settings, contact_id: str) -> list[dict[str, Any]]:
    """The segments a contact is in, and since when."""
    query = (
        select(segment_members.c.segment, stays.c.entered_at)
        .outerjoin(
            stays,
            (stays.c.segment == segment_members.c.segment)
            & (stays.c.contact_id == segment_members.c.contact_id)
            & stays.c.left_at.is_(None),
        )
        .where(segment_members.c.contact_id == contact_id, segment_members.c.inside == true())
        .order_by(segment_members.c.segment)
    )
    return [
        {"name": row.segment, "title": settings.segments[row.segment].title, "entered_at": row.entered_at}
        for row in db.execute(query)
        if row.segment in settings.segments
    ]
