"""What records last showed and what we wrote to them, as the evidence stage reads and keeps it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, RowMapping, Select, select, update

from hub.consent.sightings import OwnWrite, Sight
from hub.store.facts.evidence import ConsentSight
from hub.store.facts.outbox import Delivery
from hub.store.sql import among, chunks, table, upsert

sights = table(ConsentSight)
deliveries = table(Delivery)

LineKey = tuple[str, str, str]
"""Channel, address and scope of one record."""

STATE_WRITTEN = {"in": "granted", "out": "withdrawn"}
OWN_WINDOW = timedelta(seconds=2)
"""A change time this close to a write of ours is that write's."""

LONGEST_CALL = timedelta(minutes=1)
"""After so long a write that has no answer was left over by a worker, and is none that is under way."""

UNDER_WAY = ("sent", "unknown", "accepted", "confirmed")
"""Deliveries that may have reached the vendor: what is read there may be their echo.

So may those that wait to be sent again because nobody knows: they keep the time at which they were sent.
"""


def sights_of(db: Connection, connection: str, stream: str, ids: Iterable[str]) -> dict[str, dict[LineKey, Sight]]:
    """What these records last showed, by record and line."""
    found: dict[str, dict[LineKey, Sight]] = defaultdict(dict)
    own = (sights.c.connection == connection) & (sights.c.stream == stream) & among(sights.c.external_id, "ids")
    for row in db.execute(select(sights).where(own), {"ids": ids}).mappings():
        found[row["external_id"]][row["channel"], row["address"], row["scope"]] = sight_of(row)
    return found


def sight_of(row: RowMapping) -> Sight:
    told = (row["state"], row["at"], row["known_since"], row["count"], row["hold"], row["method"], row["shown"])
    return Sight(*told)


def own_writes(db: Connection, connection: str, ids: Iterable[str]) -> dict[str, list[tuple[LineKey, OwnWrite]]]:
    """Our consent writes to these records whose echo was not read yet, oldest first."""
    found: dict[str, list[tuple[LineKey, OwnWrite]]] = defaultdict(list)
    own = among(deliveries.c.record, "ids") & (deliveries.c.record != "") & deliveries.c.acknowledged_at.is_(None)
    for row in db.execute(_under_way(connection).where(own), {"ids": ids}):
        found[row.record].append(((row.channel, row.address, row.scope), _own_write(row)))
    return found


def writes_since(
    db: Connection, connection: str, since: datetime, now: datetime
) -> dict[str, list[tuple[LineKey, OwnWrite]]]:
    """By record, our consent writes that were under way at any moment since then, and that no read has shown yet."""
    begun = deliveries.c.sent_at >= min(since, now) - LONGEST_CALL  # by the index of these times
    query = _under_way(connection).where(begun, deliveries.c.record != "", deliveries.c.acknowledged_at.is_(None))
    found: dict[str, list[tuple[LineKey, OwnWrite]]] = defaultdict(list)
    for row in db.execute(query):
        if _was_under_way(row, since, now):
            found[row.record].append(((row.channel, row.address, row.scope), _own_write(row)))
    return found


def _was_under_way(row: Row[Any], since: datetime, now: datetime) -> bool:
    if row.answered_at is not None:
        return bool(row.answered_at > since)
    is_open = row.status in ("sent", "accepted") and row.sent_at >= now - LONGEST_CALL
    return bool(is_open or row.sent_at > since)


def follow_changes(db: Connection, connection: str, changed: Mapping[str, datetime | None]) -> None:
    """Whether the records of our read-back writes were changed since by us alone; else those writes lose their mark.

    A vendor that says no already cannot show a second no. So a no of ours is only taken back on a record that
    nobody else has touched: one whose change time is that of the read-back, or of another write of ours to it.
    """
    own = (deliveries.c.destination == connection) & among(deliveries.c.record, "ids") & (deliveries.c.record != "")
    query = select(deliveries).where(own, deliveries.c.status == "confirmed").order_by(deliveries.c.id)
    by_record: dict[str, list[Row[Any]]] = defaultdict(list)
    for row in db.execute(query, {"ids": list(changed)}):
        by_record[row.record].append(row)
    for record, rows in by_record.items():
        _follow(db, rows, changed[record])


def _follow(db: Connection, rows: list[Row[Any]], changed_at: datetime | None) -> None:
    ours = changed_at is not None and any(_is_at(row, changed_at) for row in rows)
    moved = [row.id for row in rows if row.acknowledged_change not in (None, changed_at)]
    if moved:
        now = changed_at if ours else None
        db.execute(update(deliveries).where(deliveries.c.id.in_(moved)).values(acknowledged_change=now))


def _is_at(write: Row[Any] | OwnWrite, changed_at: datetime) -> bool:
    """Whether a change at this time, by the vendor's clock, is what that write of ours did."""
    until = write.answered_at or write.sent_at
    return bool(write.sent_at - OWN_WINDOW <= changed_at <= until + OWN_WINDOW)


def mark_of(write: OwnWrite, changed_at: datetime | None) -> datetime | None:
    """The change time by which our read-back write is known again; None where somebody changed the record since."""
    return changed_at if changed_at is not None and _is_at(write, changed_at) else None


def writes_to(db: Connection, connection: str, addresses: Iterable[str]) -> dict[str, OwnWrite]:
    """Our latest consent write to each of these addresses, where consent is keyed by address alone."""
    found: dict[str, OwnWrite] = {}
    for some in chunks(addresses):
        query = _under_way(connection).where(deliveries.c.record == "", deliveries.c.address.in_(some))
        for row in db.execute(query):
            found[row.address] = _own_write(row)
    return found


def _under_way(connection: str) -> Select[Any]:
    own = (deliveries.c.destination == connection) & (deliveries.c.kind == "consent")
    again = (deliveries.c.status == "queued") & deliveries.c.sent_at.is_not(None)
    return select(deliveries).where(own, deliveries.c.status.in_(UNDER_WAY) | again).order_by(deliveries.c.id)


def _own_write(row: Row[Any]) -> OwnWrite:
    state = "pending" if row.by_confirmation else STATE_WRITTEN[row.wanted]
    return OwnWrite(row.correlation, state, row.consent_at, row.sent_at, row.answered_at, row.was)


def remember(
    db: Connection,
    connection: str,
    stream: str,
    found: Mapping[tuple[str, LineKey], Sight],
    told: Mapping[tuple[str, LineKey], datetime],
) -> None:
    """Keep what records last showed; `told` gives the time of the message that told it, by record and line."""
    rows = [
        {
            "connection": connection,
            "stream": stream,
            "external_id": external_id,
            "channel": channel,
            "address": address,
            "scope": scope,
            "state": sight.state,
            "at": sight.at,
            "known_since": sight.known_since,
            "count": sight.count,
            "hold": sight.hold,
            "method": sight.method,
            "shown": sight.shown,
            "told_at": told.get((external_id, (channel, address, scope))),
        }
        for (external_id, (channel, address, scope)), sight in sorted(found.items(), key=lambda item: item[0])
    ]
    upsert(db, sights, rows)
