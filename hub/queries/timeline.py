"""What happened with a contact, newest first, a page at a time: orders, tickets and messages of all its records."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, bindparam, case, func, select, tuple_

from hub.queries import masks
from hub.stages.land import landed
from hub.stages.map import HAS_OWNER, people, related
from hub.stages.reading import members
from hub.store.sql import among

EVENTS = ("order", "ticket", "message")
"""Which of the things that hang on a contact's records have a day of their own."""

FEW_RECORDS = 20
"""Of a contact whose records are walked along one by one; of more, all places are read and put in order."""

_WHOLE = (
    select(related, landed.c.connection, landed.c.stream, landed.c.external_id)
    .join(landed, landed.c.id == related.c.record_id)
    .where(among(related.c.record_id, "ids"))
)

_OWNERS = (
    select(people.c.connection, people.c.stream, people.c.external_id)
    .join(members, members.c.record_id == people.c.record_id)
    .where(members.c.contact_id == bindparam("contact"))
    .limit(FEW_RECORDS + 1)
)
_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Place:
    """An event's place on the timeline: its time, none for the last ones, and its record."""

    at: datetime | None
    record_id: int


@dataclass(frozen=True, slots=True)
class Stretch:
    """Some events, and the place of the last of them when there are more behind it."""

    events: list[dict[str, Any]]
    end: Place | None


def timeline(db: Connection, contact_id: str, limit: int, after: Place | None = None, masked: bool = False) -> Stretch:
    """The events behind a place, `limit` at most. An index answers; the events themselves are read for these alone."""
    places = _places(db, contact_id, limit + 1, after)
    shown = places[:limit]
    rows = {row["record_id"]: row for row in db.execute(_WHOLE, {"ids": [one.record_id for one in shown]}).mappings()}
    events = [_event(dict(rows[one.record_id])) for one in shown]
    end = shown[-1] if len(places) > limit else None
    return Stretch([masks.event(one) for one in events] if masked else events, end)


def count_events(db: Connection, contact_id: str) -> dict[str, int]:
    """How many events of each kind there are."""
    counts = [func.sum(case((related.c.kind == kind, 1), else_=0)).label(kind) for kind in EVENTS]
    row = db.execute(_of_contact(contact_id, *counts)).one()
    return {kind: count for kind, count in zip(EVENTS, row, strict=True) if count}


def _places(db: Connection, contact_id: str, limit: int, after: Place | None) -> list[Place]:
    """The dated events, then those without a date."""
    found: list[Place] = []
    if after is None or after.at is not None:
        behind: ColumnElement[bool] = related.c.happened_at.is_not(None)
        found = _walk(db, contact_id, behind if after is None else _is_before(after), limit)
        after = None
    if len(found) < limit:
        undated = related.c.happened_at.is_(None)
        behind = undated if after is None else and_(undated, related.c.record_id < after.record_id)
        found += _walk(db, contact_id, behind, limit - len(found))
    return found


def _is_before(place: Place) -> ColumnElement[bool]:
    return tuple_(related.c.happened_at, related.c.record_id) < tuple_(place.at, place.record_id)


def _walk(db: Connection, contact_id: str, behind: ColumnElement[bool], limit: int) -> list[Place]:
    """The first places behind another. Of few records each is walked along for itself, and no further than needed."""
    columns = (related.c.happened_at, related.c.record_id)
    order = [column.desc() for column in columns]
    owners = db.execute(_OWNERS, {"contact": contact_id}).all()
    if len(owners) > FEW_RECORDS:
        queries = [_of_contact(contact_id, *columns)]
    else:
        queries = [select(*columns).where(_owned_by(*owner), related.c.kind.in_(EVENTS)) for owner in owners]
    rows = [row for query in queries for row in db.execute(query.where(behind).order_by(*order).limit(limit))]
    rows.sort(key=lambda row: (row.happened_at or _NEVER, row.record_id), reverse=True)
    return [Place(row.happened_at, row.record_id) for row in rows[:limit]]


def _owned_by(connection: str, stream: str, external_id: str) -> ColumnElement[bool]:
    return and_(
        related.c.owner_connection == connection,
        related.c.owner_stream == stream,
        related.c.owner_external_id == external_id,
    )


def _of_contact(contact_id: str, *columns: Any) -> Select[Any]:
    return (
        select(*columns)
        .select_from(members)
        .join(people, people.c.record_id == members.c.record_id)
        .join(related, HAS_OWNER)
        .where(members.c.contact_id == contact_id, related.c.kind.in_(EVENTS))
    )


def _event(row: dict[str, Any]) -> dict[str, Any]:
    source = f"{row['connection']}:{row['stream']}:{row['external_id']}"
    return {"kind": row["kind"], "at": row["happened_at"], "source": source, **row["fields"]}
