"""What is held back, as pages ask for it: how much, by which reason, what a person has seen enough of, row by row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from hashlib import blake2b
from typing import Any

from sqlalchemy import Connection, delete, func, select

from hub.access.masking import mask_key
from hub.stages.land import landed
from hub.stages.map import refusals
from hub.stages.quarantine import groups, rejected
from hub.stages.shapes import masked as form_of
from hub.store.operating.pauses import QuarantineIgnore
from hub.store.sql import insert_new, table

ignores = table(QuarantineIgnore)

LONGEST_RAW = 2_000
LONGEST_FORM = 80

Group = dict[str, Any]


def hash_of(reason: str) -> str:
    """What stands for a reason in forms and keys: reasons may be long."""
    return blake2b(reason.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def held_back(db: Connection) -> int:
    """How many rows are held back, without those whose reason is ignored."""
    number = sum(db.execute(select(func.count()).select_from(of)).scalar_one() for of in (refusals, rejected))
    return number - _ignored(db)


def _ignored(db: Connection) -> int:
    number = 0
    for one in db.execute(select(ignores)).mappings():
        own = (landed.c.connection == one["connection"]) & (landed.c.stream == one["stream"])
        refused = (
            select(func.count())
            .select_from(refusals.join(landed, landed.c.id == refusals.c.record_id))
            .where(own, refusals.c.message == one["reason"])
        )
        here = (rejected.c.connection == one["connection"]) & (rejected.c.stream == one["stream"])
        unlandable = select(func.count()).select_from(rejected).where(here, rejected.c.reason == one["reason"])
        number += db.execute(refused).scalar_one() + db.execute(unlandable).scalar_one()
    return number


def held_groups(db: Connection, masked: bool = False) -> list[Group]:
    """As `groups`, each with its `reason_hash`, and `ignored`: who ignores it since when, or None."""
    known = {(row["connection"], row["stream"], row["reason_hash"]): row for row in _all_ignores(db)}
    found = [{**one, "reason_hash": hash_of(one["reason"])} for one in groups(db, masked)]
    return [{**one, "ignored": known.get((one["connection"], one["stream"], one["reason_hash"]))} for one in found]


def _all_ignores(db: Connection) -> Iterable[Mapping[str, Any]]:
    return [dict(row) for row in db.execute(select(ignores)).mappings()]


def ignore(db: Connection, group: Group, by: str, now: datetime) -> None:
    """From now on the group is counted apart; its rows are held back as ever."""
    row = {name: group[name] for name in ("connection", "stream", "reason_hash", "reason")}
    insert_new(db, ignores, [{**row, "ignored_by": by, "ignored_at": now}])


def heed(db: Connection, group: Group) -> None:
    """No longer ignore it."""
    db.execute(
        delete(ignores).where(*(ignores.c[name] == group[name] for name in ("connection", "stream", "reason_hash")))
    )


def held_rows(db: Connection, run: Mapping[str, Any], limit: int, masked: bool = False) -> list[dict[str, Any]]:
    """What is held back now and was last seen while this run ran, newest first; of other rows none is kept by run."""
    if run["started_at"] is None:
        return []
    until = run["finished_at"] or datetime.max.replace(tzinfo=run["started_at"].tzinfo)
    found = [*_refused(db, run, until, limit), *_unlandable(db, run, until, limit)]
    found.sort(key=lambda row: (row["last_seen_at"], row["row"]), reverse=True)
    return [_shown(row, masked) for row in found[:limit]]


def _refused(db: Connection, run: Mapping[str, Any], until: datetime, limit: int) -> list[dict[str, Any]]:
    query = (
        select(
            landed.c.external_id.label("row"),
            refusals.c.message.label("reason"),
            refusals.c.location,
            landed.c.last_seen_at,
            func.substr(landed.c.body, 1, LONGEST_RAW).label("raw"),
        )
        .select_from(refusals.outerjoin(landed, landed.c.id == refusals.c.record_id))  # from the few to the many
        .where(landed.c.connection == run["connection"], landed.c.stream == run["stream"])
        .where(landed.c.last_seen_at.between(run["started_at"], until))
        .order_by(landed.c.last_seen_at.desc())
    )
    return [dict(row) for row in db.execute(query.limit(limit)).mappings()]


def _unlandable(db: Connection, run: Mapping[str, Any], until: datetime, limit: int) -> list[dict[str, Any]]:
    query = (
        select(
            rejected.c.reason,
            rejected.c.location,
            rejected.c.last_seen_at,
            func.substr(rejected.c.raw, 1, LONGEST_RAW).label("raw"),
        )
        .where(rejected.c.connection == run["connection"], rejected.c.stream == run["stream"])
        .where(rejected.c.last_seen_at.between(run["started_at"], until))
        .order_by(rejected.c.last_seen_at.desc())
    )
    return [{"row": "", **row} for row in db.execute(query.limit(limit)).mappings()]


def _shown(row: dict[str, Any], masked: bool) -> dict[str, Any]:
    if not masked:
        return row
    return {**row, "row": mask_key(row["row"]), "raw": form_of(row["raw"], LONGEST_FORM)}
