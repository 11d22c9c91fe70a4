"""What could not be used: rows that cannot be landed are kept as they came, and everything held back is listed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, select, update

from connectors.kit.base import Reject
from hub.stages.land import landed
from hub.stages.map import refusals
from hub.stages.place import Place
from hub.stages.shapes import masked as form_of
from hub.store.facts.rejected import RejectedRow
from hub.store.jsontext import storable
from hub.store.sql import chunks, insert_new, table

rejected = table(RejectedRow)

MAX_RAW = 65_536
LONGEST_SAMPLE = 80


def keep_rejects(db: Connection, place: Place, rejects: Sequence[Reject], now: datetime) -> tuple[int, int]:
    """Keep unusable rows. Returns how many are new here and how many were held already."""
    rows = {hash_of(reject): _row(place, reject, now) for reject in rejects}
    held = _seen_again(db, place, sorted(rows), now)
    insert_new(db, rejected, [row for key, row in sorted(rows.items()) if key not in held])
    repeated = sum(1 for reject in rejects if hash_of(reject) in held)
    return len(rejects) - repeated, repeated


def hash_of(reject: Reject) -> str:
    """By what an unusable row is known again."""
    return hashlib.blake2b(reject.raw.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def _row(place: Place, reject: Reject, now: datetime) -> dict[str, Any]:
    return {
        "connection": place.connection,
        "stream": place.stream,
        "content_hash": hash_of(reject),
        "raw": storable(reject.raw[:MAX_RAW]),
        "reason": storable(reject.reason),
        "location": storable(reject.where),
        "first_seen_at": now,
        "last_seen_at": now,
    }


def _seen_again(db: Connection, place: Place, hashes: list[str], now: datetime) -> set[str]:
    """Those that are held already, now seen once more."""
    held: set[str] = set()
    for some in chunks(hashes):
        here = (
            (rejected.c.connection == place.connection)
            & (rejected.c.stream == place.stream)
            & rejected.c.content_hash.in_(some)
        )
        seen = update(rejected).where(here).values(last_seen_at=now).returning(rejected.c.content_hash)
        held.update(db.execute(seen).scalars())
    return held


def groups(db: Connection, masked: bool = True) -> list[dict[str, Any]]:
    """Everything held back, grouped by connection, stream and reason, most frequent first.

    `sample` is the form of one of a group's rows, as in `shapes.masked`; its text where nothing need be masked.
    `readable`: the rows are landed, so that another mapping may read them.
    """
    unlandable = select(
        rejected.c.connection,
        rejected.c.stream,
        rejected.c.reason.label("reason"),
        func.count().label("records"),
        func.min(rejected.c.location).label("location"),
        func.min(rejected.c.first_seen_at).label("first_seen_at"),
        func.max(rejected.c.last_seen_at).label("last_seen_at"),
        func.min(rejected.c.id).label("example"),
    ).group_by(rejected.c.connection, rejected.c.stream, rejected.c.reason)
    refused = (
        select(
            landed.c.connection,
            landed.c.stream,
            refusals.c.message.label("reason"),
            func.count().label("records"),
            func.min(refusals.c.location).label("location"),
            func.min(landed.c.landed_at).label("first_seen_at"),
            func.max(landed.c.last_seen_at).label("last_seen_at"),
            func.min(landed.c.id).label("example"),
        )
        .outerjoin(landed, landed.c.id == refusals.c.record_id)  # from the few to the many
        .group_by(landed.c.connection, landed.c.stream, refusals.c.message)
    )
    show = form_of if masked else _as_it_came
    rows = [{**row, "readable": False} for row in _with_samples(db, unlandable, rejected.c.id, rejected.c.raw, show)]
    rows += [{**row, "readable": True} for row in _with_samples(db, refused, landed.c.id, landed.c.body, show)]
    return sorted(rows, key=lambda row: (-row["records"], row["connection"], row["stream"], row["reason"]))


def _as_it_came(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[:longest]}…"


def _with_samples(
    db: Connection,
    query: Select[Any],
    key: ColumnElement[int],
    text: ColumnElement[str],
    show: Callable[[str, int], str],
) -> list[Any]:
    """The groups of a query, each with its example's text as it is to be shown."""
    rows = [dict(row) for row in db.execute(query).mappings()]
    forms: dict[int, str] = {}
    for some in chunks(row["example"] for row in rows):
        found = db.execute(select(key, func.substr(text, 1, LONGEST_SAMPLE + 1)).where(key.in_(some)))
        forms.update((row[0], show(row[1], LONGEST_SAMPLE)) for row in found)
    return [{**row, "sample": forms[row.pop("example")]} for row in rows]


def read_again(db: Connection, place: Place, reason: str | None = None) -> int:
    """Let the refused records of a stream wait for the map stage, with the mapping as it is now; how many.

    `reason`: only those that were refused with it.
    """
    refused = select(refusals.c.record_id).join(landed, landed.c.id == refusals.c.record_id)
    if reason is not None:
        refused = refused.where(refusals.c.message == reason)
    here = (landed.c.connection == place.connection) & (landed.c.stream == place.stream)
    return db.execute(update(landed).where(landed.c.id.in_(refused.where(here))).values(mapped=False)).rowcount
