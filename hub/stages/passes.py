"""Passes over whole streams as rows: which one is open, how far it is, and what has been seen since it began.

Law: while a pass is open, every record that lands is seen in it, by whatever door it came.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, RowMapping, delete, select, tuple_, update

from hub.stages.place import Place
from hub.store.engine import Store
from hub.store.operating.reconcile import ReconcilePass, ReconcileSeen
from hub.store.sql import insert_new, table

passes = table(ReconcilePass)
seen = table(ReconcileSeen)

READING, READ, CLEARING, HELD = "reading", "read", "clearing", "held"
"""The whole read goes on; has reached its end; tombstones are being made; a person must say whether they may."""

DONE, DENIED, ABANDONED = "done", "denied", "abandoned"

OPEN = (READING, READ, CLEARING, HELD)
FORGET_CHUNK = 5_000


def pass_of(db: Connection, run_id: int) -> RowMapping | None:
    return db.execute(select(passes).where(passes.c.run_id == run_id)).mappings().first()


def set_pass(db: Connection, run_id: int, **values: object) -> None:
    db.execute(update(passes).where(passes.c.run_id == run_id).values(**values))


def see(db: Connection, place: Place, ids: Iterable[str]) -> None:
    """Note that these records were there, if a pass over their stream is open."""
    own = (passes.c.connection == place.connection) & (passes.c.stream == place.stream)
    for run_id in db.execute(select(passes.c.run_id).where(own, passes.c.status.in_(OPEN))).scalars().all():
        insert_new(db, seen, [{"run_id": run_id, "external_id": one} for one in sorted(set(ids))])


def abandon(db: Connection, place: Place) -> None:
    """Nothing comes of the passes over this stream that are still open."""
    own = (passes.c.connection == place.connection) & (passes.c.stream == place.stream)
    db.execute(update(passes).where(own, passes.c.status.in_(OPEN)).values(status=ABANDONED))


def forget_seen(store: Store) -> None:
    """Delete what passes that are over have seen, a bit at a time."""
    while store.write(_forget_some) == FORGET_CHUNK:
        pass


def _forget_some(db: Connection) -> int:
    over = select(passes.c.run_id).where(passes.c.status.not_in(OPEN))
    key = (seen.c.run_id, seen.c.external_id)
    some = select(*key).where(seen.c.run_id.in_(over)).limit(FORGET_CHUNK)
    return db.execute(delete(seen).where(tuple_(*key).in_(some))).rowcount
