"""Forgets runs, plans, told events and what lapsed at the pages, when old enough, a few at a time; runs leave sums.

Law: what anybody still reasons from stays: of each stream and kind its newest run, and its newest good one; the passes
of the runs that stay; and every task, whose row is why the same occasion does not make it again.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, Select, Table, delete, exists, select, tuple_

from hub.settings.models import Keep
from hub.stages import notes
from hub.stages.lapsed import lapsed
from hub.stages.notices import DEAD, DELIVERED, attempts, notices
from hub.stages.passes import OPEN, passes
from hub.stages.plan import plans
from hub.stages.run_status import WAITING, runs
from hub.stages.runs import Buckets, buckets_of
from hub.store.engine import Store

CHUNK = 500
"""Rows of a table that one transaction deletes."""

GOOD = ("ok", "held")
NOTE = "pruned_runs"


@dataclass(frozen=True, slots=True)
class Counted:
    """What the runs that are not kept any more had counted: pulled rows by stream, and how often one lost its lease."""

    pulled: Mapping[tuple[str, str], Buckets] = field(default_factory=dict)
    lost: int = 0


def prune(store: Store, now: datetime, keep: Keep) -> int:
    """Delete some of what is older than that; how many rows. Costs short looks where there is nothing to delete."""
    shown = select(plans.c.id).where(plans.c.made_at < now - keep.plans).order_by(plans.c.made_at).limit(CHUNK)
    kinds: tuple[tuple[Select[Any], Callable[[Connection, Select[Any]], int]], ...] = (
        (_old_runs(now - keep.runs), _forget_runs),
        (_old_passes(now - keep.runs), _forget_passes),
        (shown, _forget_plans),
        (_old_notices(now - keep.notices), _forget_notices),
    )
    forgotten = sum(_prune(store, which, forget) for which, forget in kinds)
    return forgotten + sum(_forget_lapsed(store, *which) for which in lapsed(now, keep))


def _prune(store: Store, which: Select[Any], forget: Callable[[Connection, Select[Any]], int]) -> int:
    with store.read() as db:
        found = db.execute(which.limit(1)).first() is not None
    return store.write(lambda db: forget(db, which)) if found else 0


def _forget_lapsed(store: Store, of: Table, names: tuple[Any, ...], is_over: ColumnElement[bool]) -> int:
    """By their names, and over still: one that is used again at this moment stays."""
    which: Select[Any] = select(*names).where(is_over).limit(CHUNK)
    return _prune(store, which, lambda db, _: db.execute(delete(of).where(tuple_(*names).in_(which), is_over)).rowcount)


def counted(db: Connection) -> Counted:
    noted = json.loads(notes.get(db, NOTE) or '{"pulled": [], "lost": 0}')
    return Counted({(one, stream): Buckets(**sums) for one, stream, sums in noted["pulled"]}, noted["lost"])


def times_lost(run: RowMapping) -> int:
    """How often a run's worker died."""
    return int(run["attempt"]) - 1 + int(run["status"] == "lost")


def _old_runs(before: datetime) -> Select[Any]:
    """Ended runs that something newer of their own kind has made worthless, the oldest first."""
    newer = runs.alias("newer")
    same = (newer.c.connection == runs.c.connection) & (newer.c.stream == runs.c.stream) & (newer.c.id > runs.c.id)
    follows = exists().where(same, newer.c.kind == runs.c.kind)
    replaced = follows & (runs.c.status.not_in(GOOD) | follows.where(newer.c.status.in_(GOOD)))
    old = (runs.c.finished_at < before) & runs.c.status.not_in(WAITING)
    return select(runs.c.id).where(old, replaced).order_by(runs.c.finished_at).limit(CHUNK)


def _old_passes(before: datetime) -> Select[Any]:
    """Passes that are over, whose runs are forgotten."""
    over = passes.c.status.not_in(OPEN) & (passes.c.began_at < before)
    known = exists().where(runs.c.id == passes.c.run_id)
    return select(passes.c.run_id).where(over, ~known).order_by(passes.c.run_id).limit(CHUNK)


def _old_notices(before: datetime) -> Select[Any]:
    """Events that were told or given up; a task has a rule, and stays."""
    settled = notices.c.status.in_((DELIVERED, DEAD)) & (notices.c.settled_at < before)
    return select(notices.c.id).where(notices.c.rule == "", settled).order_by(notices.c.settled_at).limit(CHUNK)


def _forget_passes(db: Connection, which: Select[Any]) -> int:
    return db.execute(delete(passes).where(passes.c.run_id.in_(which))).rowcount


def _forget_plans(db: Connection, which: Select[Any]) -> int:
    return db.execute(delete(plans).where(plans.c.id.in_(which))).rowcount


def _forget_notices(db: Connection, which: Select[Any]) -> int:
    ids = db.execute(which).scalars().all()
    db.execute(delete(attempts).where(attempts.c.notice_id.in_(ids)))
    return db.execute(delete(notices).where(notices.c.id.in_(ids))).rowcount


def _forget_runs(db: Connection, which: Select[Any]) -> int:
    """Delete, and add what was deleted to the note: who counts from all runs must not see fewer than before."""
    gone = db.execute(delete(runs).where(runs.c.id.in_(which)).returning(runs)).mappings().all()
    if not gone:
        return 0
    before = counted(db)  # read when the rows were ours: another sweeper that had some of them is done
    pulled = dict(before.pulled)
    for row in gone:
        if row["kind"] == "pull":
            pulled.setdefault((row["connection"], row["stream"]), Buckets())
            pulled[row["connection"], row["stream"]] += buckets_of(row)
    sums = [[*name, asdict(buckets)] for name, buckets in sorted(pulled.items())]
    lost = before.lost + sum(times_lost(row) for row in gone)
    notes.put(db, NOTE, json.dumps({"pulled": sums, "lost": lost}))
    return len(gone)
