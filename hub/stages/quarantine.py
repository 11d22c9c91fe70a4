"""What could not be used: rows that cannot be landed are kept as they came, and everything held back is listed."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select, update

from connectors.kit.base import Reject
from hub.stages.land import landed
from hub.stages.map import refusals
from hub.stages.place import Place
from hub.store.facts.rejected import RejectedRow
from hub.store.jsontext import storable
from hub.store.sql import chunks, insert_new, table

rejected = table(RejectedRow)

MAX_RAW = 65_536


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


def groups(db: Connection) -> list[dict[str, Any]]:
    """Everything held back, grouped by connection, stream and reason, most frequent first."""
    unlandable = select(
        rejected.c.connection,
        rejected.c.stream,
        rejected.c.reason.label("reason"),
        func.count().label("records"),
        func.min(rejected.c.location).label("location"),
    ).group_by(rejected.c.connection, rejected.c.stream, rejected.c.reason)
    refused = (
        select(
            landed.c.connection,
            landed.c.stream,
            refusals.c.message.label("reason"),
            func.count().label("records"),
            func.min(refusals.c.location).label("location"),
        )
        .join(landed, landed.c.id == refusals.c.record_id)
        .group_by(landed.c.connection, landed.c.stream, refusals.c.message)
    )
    rows = [dict(row) for query in (unlandable, refused) for row in db.execute(query).mappings()]
    return sorted(rows, key=lambda row: (-row["records"], row["connection"], row["stream"], row["reason"]))
