"""The outbox's rows: queued, attempted, answered. Every step is kept before the next one is taken."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, func, insert, select, update

from connectors.kit.destination import Outcome
from hub.stages.gaps import OPEN, gaps
from hub.stages.holdings import mark_owners
from hub.stages.ledger import mark
from hub.stages.plan import Operation
from hub.stages.sights import deliveries
from hub.store.facts.outbox import DeliveryAttempt
from hub.store.jsontext import storable
from hub.store.sql import chunks, table

attempts = table(DeliveryAttempt)

MOST_ATTEMPTS = 8
BACKOFF = timedelta(minutes=1)
SETTLE_LIMIT = timedelta(minutes=15)

Row = RowMapping


def enqueue(db: Connection, plan_id: str, operations: Sequence[Operation]) -> None:
    """Queue operations whose record and field have nothing under way."""
    now = datetime.now(UTC)
    rows = [
        {
            "correlation": secrets.token_hex(16),
            "plan": plan_id,
            "destination": one.destination,
            "lane": one.lane,
            "kind": "consent" if one.kind == "consent" else "tag",
            "stream": one.stream,
            "record": one.record,
            "channel": one.channel,
            "address": one.address,
            "field": one.field,
            "wanted": one.wanted,
            "scope": one.scope,
            "by_confirmation": one.by_confirmation,
            "reason": one.reason,
            "decided_by": one.decided_by,
            "was": one.old,
            "status": "queued",
            "message": "",
            "attempts": 0,
            "job": "",
            "job_row": 0,
            "consent_at": one.consent_at,
            "created_at": now,
        }
        for one in operations
        if not _is_open(db, one)
    ]
    for some in chunks(rows):
        db.execute(insert(deliveries), some)


def _is_open(db: Connection, one: Operation) -> bool:
    query = select(deliveries.c.id).where(
        deliveries.c.destination == one.destination,
        deliveries.c.record == one.record,
        deliveries.c.address == one.address,
        deliveries.c.field == one.field,
        deliveries.c.status.in_(OPEN),
    )
    return db.execute(query.limit(1)).first() is not None


def _of(destination: str, status: Iterable[str]) -> Select[Any]:
    own = (deliveries.c.destination == destination) & deliveries.c.status.in_(list(status))
    return select(deliveries).where(own).order_by(deliveries.c.id)


def queued(db: Connection, destination: str, lane: int, limit: int) -> list[Row]:
    """The next rows of a lane that may go now."""
    due = (deliveries.c.next_try_at.is_(None)) | (deliveries.c.next_try_at <= datetime.now(UTC))
    query = _of(destination, ["queued"]).where(deliveries.c.lane == lane, due).limit(limit)
    return list(db.execute(query).mappings())


def left_over(db: Connection, destination: str) -> list[Row]:
    """Rows that an earlier push left without a known outcome, and those a vendor has accepted."""
    return list(db.execute(_of(destination, ["sent", "unknown", "accepted"])).mappings())


def destinations_with_work(db: Connection) -> list[str]:
    query = select(deliveries.c.destination).where(deliveries.c.status.in_((*OPEN, "unknown"))).distinct()
    return sorted(db.execute(query).scalars())


def optouts_waiting(db: Connection, destination: str) -> bool:
    """Whether an opt-out that can still succeed has not arrived there, queued or not."""
    open_row = _of(destination, [*OPEN, "unknown"]).where(deliveries.c.lane == 0).limit(1)
    if db.execute(open_row).first() is not None:
        return True
    wanted = select(gaps.c.record).where(gaps.c.destination == destination, gaps.c.wanted == "out").limit(1)
    return db.execute(wanted).first() is not None


def begin_attempt(db: Connection, row: Row, now: datetime, **more: Any) -> None:
    """Write the attempt before the call: whatever happens now, somebody will ask what became of it."""
    number = row["attempts"] + 1
    db.execute(
        insert(attempts), {"delivery_id": row["id"], "number": number, "sent_at": now, "outcome": "", "message": ""}
    )
    _set(db, row["id"], status="sent", attempts=number, sent_at=now, answered_at=None, **more)


def answer(db: Connection, row: Row, outcome: Outcome) -> None:
    """Keep what became of an attempt that `begin_attempt` began."""
    now = datetime.now(UTC)
    number = row["attempts"] + 1
    own = (attempts.c.delivery_id == row["id"]) & (attempts.c.number == number)
    message = storable(outcome.message)
    db.execute(update(attempts).where(own).values(answered_at=now, outcome=outcome.status, message=message))
    status, later = _next(outcome.status, number, now)
    surely_not = {"sent_at": None} if outcome.status == "retry" else {}
    confirmed = now if outcome.status == "confirmed" else None
    _set(
        db,
        row["id"],
        status=status,
        message=message,
        answered_at=confirmed,
        next_try_at=later,
        job=outcome.job,
        job_row=outcome.row,
        **surely_not,
    )
    _look_again(db, [row])


def _next(outcome: str, number: int, now: datetime) -> tuple[str, datetime | None]:
    if outcome != "retry":
        return outcome, None
    if number >= MOST_ATTEMPTS:
        return "dead", None
    return "queued", now + BACKOFF * 2 ** (number - 1)


def unsend(db: Connection, rows: Sequence[Row], message: str) -> None:
    """Nothing of these can have been applied: they wait for the next push."""
    for row in rows:
        own = (attempts.c.delivery_id == row["id"]) & (attempts.c.number == row["attempts"] + 1)
        db.execute(update(attempts).where(own).values(answered_at=datetime.now(UTC), outcome="not_sent"))
        _set(db, row["id"], status="queued", sent_at=None, message=storable(message))


def close(db: Connection, row: Row, status: str, message: str = "") -> None:
    """End a row without a call."""
    done = datetime.now(UTC) if status == "confirmed" else None
    _set(db, row["id"], status=status, message=message, answered_at=done)
    _look_again(db, [row])


def is_acknowledged(db: Connection, row: Row) -> bool:
    """Whether a read has shown by now what an earlier attempt of this row did."""
    if not row["attempts"]:
        return False
    query = select(deliveries.c.acknowledged_at).where(deliveries.c.id == row["id"])
    return db.execute(query).scalar() is not None


def with_own_no(db: Connection, destination: str, records: Iterable[str]) -> set[str]:
    """Those of these records to which we wrote an opt-out."""
    found: set[str] = set()
    for some in chunks(sorted(set(records))):
        query = select(deliveries.c.record).where(
            deliveries.c.destination == destination,
            deliveries.c.record.in_(some),
            deliveries.c.lane == 0,
            deliveries.c.status == "confirmed",
        )
        found.update(db.execute(query).scalars())
    return found


def requeue(db: Connection, row: Row) -> None:
    _set(db, row["id"], status="queued", next_try_at=None)


def settle(db: Connection, row: Row, outcome: Outcome) -> None:
    """The late answer to an accepted row."""
    status = "unknown" if outcome.status in ("retry", "accepted") else outcome.status
    done = datetime.now(UTC) if status == "confirmed" else None
    _set(db, row["id"], status=status, message=storable(outcome.message), answered_at=done)
    _look_again(db, [row])


def _look_again(db: Connection, rows: Iterable[Row]) -> None:
    """What became of a delivery changes what differs."""
    some = list(rows)
    mark(db, ((row["channel"], row["address"]) for row in some if row["kind"] == "consent"))
    mark_owners(db, ((row["destination"], row["stream"], row["record"]) for row in some if row["kind"] == "tag"))


def _set(db: Connection, delivery_id: int, **values: Any) -> None:
    db.execute(update(deliveries).where(deliveries.c.id == delivery_id).values(**values))


def has_pushed(db: Connection, destination: str) -> bool:
    """Whether grants or segments ever left for this destination."""
    query = select(func.count()).select_from(deliveries)
    own = query.where(deliveries.c.destination == destination, deliveries.c.lane > 0, deliveries.c.attempts > 0)
    return db.execute(own).scalar_one() > 0


def counts_since(db: Connection, started: datetime) -> Mapping[tuple[str, str, str], int]:
    """How many deliveries that were tried or queued since then ended how, by destination, wanted and status."""
    own = (deliveries.c.sent_at >= started) | (deliveries.c.created_at >= started)
    query = (
        select(deliveries.c.destination, deliveries.c.wanted, deliveries.c.status, func.count())
        .where(own)
        .group_by(deliveries.c.destination, deliveries.c.wanted, deliveries.c.status)
    )
    return {(row[0], row[1], row[2]): row[3] for row in db.execute(query)}
