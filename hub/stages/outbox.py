"""The outbox's rows: queued, attempted, answered. Every step is kept before the next one is taken.

Law: what is queued is not to be planned any more, in the same transaction; whoever plans never reads the queue.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Exists,
    RowMapping,
    Select,
    Table,
    delete,
    exists,
    func,
    insert,
    select,
    true,
    union,
    update,
)

from connectors.kit.destination import Outcome
from hub.stages.gaps import FINAL_NOES, OPEN, gaps
from hub.stages.holdings import mark_owners
from hub.stages.ledger import mark
from hub.stages.plan import GRANT, WITHDRAW, Operation
from hub.stages.sights import deliveries
from hub.stages.tags import tag_gaps
from hub.store.facts.outbox import DeliveryAttempt
from hub.store.jsontext import storable
from hub.store.sql import any_of, chunks, table

attempts = table(DeliveryAttempt)
before = deliveries.alias("before")

MOST_ATTEMPTS = 8
BACKOFF = timedelta(minutes=1)
SETTLE_LIMIT = timedelta(minutes=15)

Row = RowMapping


def enqueue(db: Connection, plan_id: str, operations: Sequence[Operation]) -> None:
    """Queue operations whose record and field have nothing under way. They are no differences to be sent any more."""
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
    for name in {one.destination for one in operations}:
        _take_out(db, name, [one for one in operations if one.destination == name])


def _take_out(db: Connection, destination: str, operations: Sequence[Operation]) -> None:
    """Say of these differences what the consent and segment stages would say of them now: they are under way."""
    consents = [(one.record, one.channel, one.address) for one in operations if one.kind == "consent"]
    for some in chunks(consents, 200):
        own = any_of((gaps.c.record, gaps.c.channel, gaps.c.address), some)
        under_way = {"wanted": "", "withheld": "under_way", "by_confirmation": False}
        db.execute(update(gaps).where(gaps.c.destination == destination, own).values(under_way))
    tags = [(one.record, one.reason) for one in operations if one.kind != "consent"]
    for some_tags in chunks(tags, 200):
        theirs = any_of((tag_gaps.c.record, tag_gaps.c.segment), some_tags)
        db.execute(delete(tag_gaps).where(tag_gaps.c.destination == destination, theirs))


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


def _is_any(db: Connection, destination: str, status: Iterable[str], also: ColumnElement[bool] | None = None) -> bool:
    """Whether there is one; without an order, which the database would have to make first."""
    own = (deliveries.c.destination == destination) & deliveries.c.status.in_(list(status))
    query = select(deliveries.c.id).where(own, true() if also is None else also)
    return db.execute(query.limit(1)).first() is not None


def queued(db: Connection, destination: str, lane: int, limit: int) -> list[Row]:
    """The next rows of a lane that may go now: as they came, but of the opt-outs half of them from the newest on.

    One that was made a moment ago does not wait behind a backlog, and the oldest get on all the same.
    """
    due = (deliveries.c.next_try_at.is_(None)) | (deliveries.c.next_try_at <= datetime.now(UTC))
    own = (deliveries.c.destination == destination) & (deliveries.c.status == "queued")
    query = select(deliveries).where(own, deliveries.c.lane == lane, due)
    newest: list[Row] = []
    if lane == WITHDRAW:
        last_first = query.order_by(deliveries.c.id.desc()).limit((limit + 1) // 2)
        newest = list(db.execute(last_first).mappings())
    oldest = db.execute(query.order_by(deliveries.c.id).limit(limit)).mappings()
    known = {row["id"] for row in newest}
    return [*newest, *(row for row in oldest if row["id"] not in known)][:limit]


def still_queued(db: Connection, ids: Sequence[int]) -> list[Row]:
    """Those of these rows that wait, as they are now, in this order."""
    own = deliveries.c.id.in_(ids) & (deliveries.c.status == "queued")
    found = {row["id"]: row for row in db.execute(select(deliveries).where(own)).mappings()}
    return [found[one] for one in ids if one in found]


def left_over(db: Connection, destination: str) -> list[Row]:
    """Rows that an earlier push left without a known outcome, and those a vendor has accepted."""
    return list(db.execute(_of(destination, ["sent", "unknown", "accepted"])).mappings())


def with_work(db: Connection, destinations: Iterable[str]) -> list[str]:
    """Those of these destinations where something is open; costs the same however much."""
    return sorted(name for name in destinations if _is_any(db, name, (*OPEN, "unknown")))


def is_left_over(db: Connection, destination: str, now: datetime) -> bool:
    """Whether something lies there that a push could move on now, its time to be tried again included.

    A grant of which nobody knows what became is left to whoever reads that destination next.
    """
    is_due = deliveries.c.next_try_at.is_(None) | (deliveries.c.next_try_at <= now)
    may_go = (deliveries.c.status != "queued") | is_due
    may_go &= (deliveries.c.status != "unknown") | (deliveries.c.lane != GRANT)
    return _is_any(db, destination, (*OPEN, "unknown"), may_go)


def optouts_waiting(db: Connection, destination: str) -> bool:
    """Whether an opt-out that can still succeed has not arrived there, queued or not.

    One that the vendor has refused, or that was given up once, is tried on without keeping others waiting.
    """
    open_row = (deliveries.c.lane == WITHDRAW) & ~_refused_before(deliveries, deliveries.c.field)
    if _is_any(db, destination, (*OPEN, "unknown"), open_row):
        return True
    own = (gaps.c.destination == destination) & (gaps.c.wanted == "out")
    wanted = select(gaps.c.record).where(own, ~_refused_before(gaps, gaps.c.channel)).limit(1)
    return db.execute(wanted).first() is not None


def _refused_before(of: Table, field: ColumnElement[str]) -> Exists:
    """Whether a delivery of the same change, for the same evidence, ended badly."""
    same = (before.c[name] == of.c[name] for name in ("destination", "record", "address", "decided_by"))
    ended = before.c.status.in_(sorted(FINAL_NOES))
    return exists().where(*same, before.c.field == field, before.c.wanted == "out", ended)


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
    surely_not = _as_before(row) if outcome.status == "retry" else {}
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
    """Nothing of this attempt can have been applied: they wait for the next push, as they were before it."""
    for row in rows:
        own = (attempts.c.delivery_id == row["id"]) & (attempts.c.number == row["attempts"] + 1)
        db.execute(update(attempts).where(own).values(answered_at=datetime.now(UTC), outcome="not_sent"))
        _set(db, row["id"], status="queued", message=storable(message), **_as_before(row))


def _as_before(row: Row) -> dict[str, Any]:
    """What a row says of the attempt before this one, whose answer may have been lost: its echo is still ours."""
    return {name: row[name] for name in ("sent_at", "consent_at", "was")}


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


def try_again(db: Connection, which: ColumnElement[bool], limit: int) -> list[Row]:
    """Let dead changes wait again that nothing came after; each is tried once more, by the evidence of that moment."""
    later = deliveries.alias("later")
    same = (later.c[name] == deliveries.c[name] for name in ("destination", "record", "address", "field"))
    is_last = ~exists().where(*same, later.c.id > deliveries.c.id)
    query = select(deliveries).where(deliveries.c.status == "dead", which, is_last).order_by(deliveries.c.id)
    rows = list(db.execute(query.limit(limit)).mappings())
    for row in rows:
        requeue(db, row)
    _look_again(db, rows)
    return rows


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
    if _is_any(db, destination, ["confirmed"], deliveries.c.lane > WITHDRAW):
        return True
    own = (deliveries.c.destination == destination) & (deliveries.c.lane > WITHDRAW) & (deliveries.c.attempts > 0)
    return db.execute(select(deliveries.c.id).where(own).limit(1)).first() is not None


def counts_since(db: Connection, started: datetime) -> Mapping[tuple[str, str, str], int]:
    """How many deliveries that were tried or queued since then ended how, by destination, wanted and status."""
    times = (deliveries.c.sent_at, deliveries.c.created_at)
    own = union(*(select(deliveries.c.id).where(at >= started) for at in times))
    query = (
        select(deliveries.c.destination, deliveries.c.wanted, deliveries.c.status, func.count())
        .where(deliveries.c.id.in_(own))
        .group_by(deliveries.c.destination, deliveries.c.wanted, deliveries.c.status)
    )
    return {(row[0], row[1], row[2]): row[3] for row in db.execute(query)}
