"""Reconciliation: what a whole read of a stream found that its cursor had not, and what is gone from the source.

Law: only a pass that was read to its end makes tombstones; of records that were not there since it began, within the
guard or with a person's yes to exactly these. A tombstone takes no evidence away.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, exists, false, func, insert, select

from connectors.kit.base import Cursor
from hub.settings.reconcile import GoneGuard
from hub.stages import freeze, runs
from hub.stages.land import Change, Landing, bury, landed
from hub.stages.map import map_changes
from hub.stages.passes import READ, READING, abandon, pass_of, passes, seen, set_pass
from hub.stages.place import Place

CLEAR_CHUNK = 500
"""Tombstones in one transaction: each takes rows of its person with it."""


@dataclass(frozen=True, slots=True)
class WholeRead:
    """The read of one pass, as `Pull` goes about it: its cursor, what it finds, its end."""

    run_id: int
    known_until: datetime

    def cursor(self, db: Connection) -> Cursor | None:
        saved = self._row(db)["cursor"]
        return None if saved is None else Cursor.model_validate(saved)

    def note(self, db: Connection, cursor: Cursor | None, landing: Landing, rejects: int) -> None:
        """Count what a group of pages has brought, and keep how far the read is; in the group's own transaction."""
        drift = [change for change in landing.changes if self._was_due(change)]
        missed = sum(1 for change in drift if change.is_new)
        moved = {} if cursor is None or cursor.is_empty() else {"cursor": cursor.model_dump(mode="json")}
        set_pass(
            db,
            self.run_id,
            changed=passes.c.changed + len(drift) - missed,
            missed=passes.c.missed + missed,
            rejected=passes.c.rejected + rejects,
            **moved,
        )

    def end(self, db: Connection, place: Place) -> None:
        """The read has reached the end of the stream."""
        set_pass(db, self.run_id, status=READ)
        freeze.note_whole_read(db, place, self._row(db)["began_at"])

    def _row(self, db: Connection) -> RowMapping:
        row = pass_of(db, self.run_id)
        assert row is not None  # noqa: S101 - it was made by `begin_pass`
        return row

    def _was_due(self, change: Change) -> bool:
        """Whether an ordinary pull should have brought it before."""
        return change.changed_at is None or change.changed_at <= self.known_until


def begin_pass(db: Connection, place: Place, run_id: int, now: datetime) -> None:
    """Begin a pass right after an ordinary pull that has reached its end. Older passes over the stream are given up."""
    abandon(db, place)
    cursor = runs.cursor_of(db, place)
    row = {
        "run_id": run_id,
        "connection": place.connection,
        "stream": place.stream,
        "status": READING,
        "began_at": now,
        "known_until": now if cursor is None or cursor.position is None else cursor.position,
        **dict.fromkeys(("changed", "missed", "rejected", "gone", "records"), 0),
    }
    db.execute(insert(passes), row)


@dataclass(frozen=True, slots=True)
class Gone:
    """What a completed pass has not seen: how many of how many records, and the name of exactly these.

    `reason`: why a person must say yes to it; "" where nobody needs to.
    """

    number: int
    records: int
    plan: str
    reason: str


def gone_in(db: Connection, place: Place, found: RowMapping, guard: GoneGuard) -> Gone:
    """Judge what is gone. `found` is the pass. Memory does not grow with the stream."""
    alive = select(func.count()).select_from(landed).where(_own(place))
    records = db.execute(alive).scalar_one()
    ids = _absent(place, found).with_only_columns(landed.c.external_id).order_by(landed.c.external_id)
    number, name = 0, sha256(f"{place.connection}.{place.stream}".encode())
    for external_id in db.execute(ids.execution_options(yield_per=1_000)).scalars():
        number += 1
        name.update(b"\x00" + external_id.encode("utf-8", "backslashreplace"))
    return Gone(number, records, name.hexdigest()[:12], _reason(number, records, found["rejected"], guard))


def _reason(number: int, records: int, rejected: int, guard: GoneGuard) -> str:
    if not number:
        return ""
    if number == records:
        return "the source listed none of them"
    if number > guard.rows or number > guard.share * records:
        return f"that is more than the guard allows ({guard.rows} rows, {guard.share:.0%})"
    if rejected:
        return f"{rejected} rows of the read went to quarantine, and may be some of them"
    return ""


def some_gone(db: Connection, place: Place, found: RowMapping, limit: int) -> list[str]:
    """The first external ids that are gone, to look at."""
    ids = _absent(place, found).with_only_columns(landed.c.external_id).order_by(landed.c.external_id)
    return list(db.execute(ids.limit(limit)).scalars())


def clear_some(db: Connection, place: Place, found: RowMapping, now: datetime) -> int:
    """Make tombstones of up to CLEAR_CHUNK records that are gone; how many. The rest waits for the next call."""
    some = _absent(place, found).order_by(landed.c.external_id).limit(CLEAR_CHUNK).with_for_update()
    landing = bury(db, db.execute(some).all(), now)
    map_changes(db, place, landing.changes, {})
    return len(landing.changes)


def _absent(place: Place, found: RowMapping) -> Select[Any]:
    """The live records that nobody has seen since the pass began."""
    was_seen = exists().where(seen.c.run_id == found["run_id"], seen.c.external_id == landed.c.external_id)
    return select(landed).where(_own(place), landed.c.last_seen_at < found["began_at"], ~was_seen)


def _own(place: Place) -> Any:
    return (landed.c.connection == place.connection) & (landed.c.stream == place.stream) & (landed.c.deleted == false())
