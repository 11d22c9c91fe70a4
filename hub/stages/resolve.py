"""The resolve stage: drains marked records, decides anew who is who around them, and stores the outcome.

Law: one resolver at a time, under a lease. A mark is deleted only with the value that was read, so that a record
that changes while we think is looked at again.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from dedupe.engine.partition import Entry, Partition, anchor_of, hashes_from, partition, population_of
from dedupe.engine.weights import Model
from hub.stages.anew import begin_anew_if_changed, note_first
from hub.stages.golden import mark_contacts
from hub.stages.land import landed
from hub.stages.map import marks
from hub.stages.neighbourhood import Neighbourhood, look_around, match_keys, popular_among, popular_keys
from hub.stages.reading import members
from hub.store.derived.identity import MatchEdge, ReviewItem
from hub.store.engine import Store
from hub.store.leases import Held, give_back, renew, take
from hub.store.sql import chunks, insert_new, table

edges = table(MatchEdge)
reviews = table(ReviewItem)

LEASE = "resolver"
CHUNK = 1_000


@dataclass(slots=True)
class Resolved:
    """What resolving did: records looked at, contacts that came to be, were merged into others, or split off."""

    records: int = 0
    created: int = 0
    merged: int = 0
    split: int = 0

    def __iadd__(self, other: Resolved) -> Resolved:
        self.records += other.records
        self.created += other.created
        self.merged += other.merged
        self.split += other.split
        return self


def resolve_all(store: Store, model: Model, progress: Callable[[int], None] = lambda _: None) -> Resolved:
    """Work off all marks. Raises AlreadyRunning while another resolver is alive, LeaseLost when one took over."""
    held = store.write(lambda db: take(db, LEASE))
    total = Resolved()
    try:
        store.write(lambda db: note_first(db, model))
        _work_off(store, model, held, total, progress)
        # only now: what is gone must have named its heir before memberships are forgotten
        if store.write(lambda db: begin_anew_if_changed(db, held, model)):
            _work_off(store, model, held, total, progress)
    finally:
        store.write(lambda db: give_back(db, held))
    return total


def _work_off(store: Store, model: Model, held: Held, total: Resolved, progress: Callable[[int], None]) -> None:
    while some := _resolve_some(store, model, held):
        total += some
        progress(total.records)


def _resolve_some(store: Store, model: Model, held: Held) -> Resolved | None:
    with store.read() as db:
        waiting = _waiting(db)
        if not waiting:
            return None
        around = look_around(db, (row.id for row in waiting if row.id is not None), model)
        people = population_of(around.entries.values())
        popular = hashes_from(popular_among(db, around, {key for _, key, _ in people.keys_told()}))
    found = partition(people, popular, around.links, model)
    return store.write(lambda db: _store(db, held, waiting, around, found))


def _waiting(db: Connection) -> Sequence[Any]:
    """Marks in byte order with their records' ids; None for a record that has not landed yet."""
    query = (
        select(marks, landed.c.id)
        .outerjoin(
            landed,
            (landed.c.connection == marks.c.connection)
            & (landed.c.stream == marks.c.stream)
            & (landed.c.external_id == marks.c.external_id),
        )
        .order_by(marks.c.connection, marks.c.stream, marks.c.external_id)
        .limit(CHUNK)
    )
    return db.execute(query).all()


def _store(db: Connection, held: Held, waiting: Sequence[Any], around: Neighbourhood, partition: Partition) -> Resolved:
    renew(db, held)
    _store_keys(db, around)
    _store_edges(db, around, partition)
    outcome = _store_members(db, around, partition)
    _name_heirs(db, around)
    marked = {row.id for row in waiting}
    touched = {row.contact_id for record_id, row in around.before.items() if record_id in marked}
    touched |= {
        cluster.contact_id for cluster in partition.clusters if any(entry.id in marked for entry in cluster.members)
    }
    mark_contacts(db, touched | outcome.moved, mark=time.time_ns())
    _unmark(db, waiting)
    return Resolved(len(waiting), outcome.created, outcome.merged, outcome.split)


def _unmark(db: Connection, waiting: Sequence[Any]) -> None:
    same = (
        (marks.c.connection == bindparam("of"))
        & (marks.c.stream == bindparam("in"))
        & (marks.c.external_id == bindparam("is"))
        & (marks.c.mark == bindparam("as"))
    )
    done = [{"of": row.connection, "in": row.stream, "is": row.external_id, "as": row.mark} for row in waiting]
    db.execute(delete(marks).where(same), done)


def _store_keys(db: Connection, around: Neighbourhood) -> None:
    for ids in chunks(sorted(around.changed)):
        db.execute(delete(match_keys).where(match_keys.c.record_id.in_(ids)))
    fresh = sorted((key, told, one) for one, keys in around.arriving.items() for key, told in keys.items())
    insert_new(db, match_keys, [{"key": key, "signature": sign, "record_id": one} for key, sign, one in fresh])
    insert_new(db, popular_keys, [{"key": key} for key in sorted(around.became_popular)])
    for keys in chunks(sorted(around.became_usable)):
        db.execute(delete(popular_keys).where(popular_keys.c.key.in_(keys)))


def _store_edges(db: Connection, around: Neighbourhood, partition: Partition) -> None:
    """Replace what is stored between two records of the neighbourhood, and everything of records that are gone."""
    inside = sorted(around.entries.keys() | around.before.keys())
    here = set(inside)
    for kept in (edges, reviews):
        stale = [
            (row.left_id, row.right_id)
            for ids in chunks(inside)
            for row in db.execute(select(kept.c.left_id, kept.c.right_id).where(kept.c.left_id.in_(ids)))
            if row.right_id in here
        ]
        if stale:
            one = (kept.c.left_id == bindparam("left")) & (kept.c.right_id == bindparam("right"))
            db.execute(delete(kept).where(one), [{"left": left, "right": right} for left, right in stale])
    rows = [
        _pair(edge.left, edge.right)
        | {
            "judgement": edge.verdict.judgement.value,
            "weight": edge.verdict.weight,
            "comparisons": [
                [one.field, one.level, one.left, one.right, one.weight] for one in edge.verdict.comparisons
            ],
        }
        for edge in partition.edges
    ]
    insert_new(db, edges, rows)
    questions = [
        _pair(one.left, one.right) | {"kind": one.kind, "weight": one.weight, "reason": one.reason}
        for one in partition.reviews
    ]
    insert_new(db, reviews, questions)


def _pair(left: Entry, right: Entry) -> dict[str, Any]:
    return {"left_id": left.id, "right_id": right.id}


@dataclass(slots=True)
class _Moves:
    moved: set[str]
    created: int = 0
    merged: int = 0
    split: int = 0


def _store_members(db: Connection, around: Neighbourhood, partition: Partition) -> _Moves:
    """Write who belongs to whom; rows that stay as they are are not touched."""
    now = {
        entry.id: (cluster.contact_id, cluster.component, around.indexed_digest(entry))
        for cluster in partition.clusters
        for entry in cluster.members
    }
    before = {
        one: (row.contact_id, row.component, row.feature_hash)
        for one, row in around.before.items()
        if one in now or one in around.marked
    }
    different = {one for one in now.keys() | before.keys() if now.get(one) != before.get(one)}
    for ids in chunks(sorted(different & before.keys())):
        db.execute(delete(members).where(members.c.record_id.in_(ids)))
    rows = [
        {"record_id": one, "contact_id": now[one][0], "component": now[one][1], "feature_hash": now[one][2]}
        for one in sorted(different & now.keys())
    ]
    if rows:
        db.execute(insert(members), rows)
    return _moves({one: row[0] for one, row in before.items()}, {one: row[0] for one, row in now.items()})


def _moves(before: dict[int, str], now: dict[int, str]) -> _Moves:
    """Compare contacts before and after: which are new, which were taken up, which were split off."""
    moves = _Moves({contact for one, contact in before.items() if now.get(one) != contact})
    moves.moved |= {contact for one, contact in now.items() if before.get(one) != contact}
    old, new = set(before.values()), set(now.values())
    for contact in new - old:
        came_from_elsewhere = any(one in before for one, home in now.items() if home == contact)
        if came_from_elsewhere:
            moves.split += 1
        else:
            moves.created += 1
    taken_up = {before[one] for one in before.keys() & now.keys()} - new
    moves.merged = len(taken_up)
    return moves


def _name_heirs(db: Connection, around: Neighbourhood) -> None:
    """A record that left its contact for good names, once in a life, who inherits its public id.

    Also one whose own turn has not come: later its mates are gone to another contact.
    """
    for ids in chunks(sorted(around.marked & around.entries.keys())):
        alive = landed.c.id.in_(ids) & landed.c.heir.is_not(None)
        db.execute(update(landed).where(alive).values(heir=None))
    mates: dict[str, list[Entry]] = defaultdict(list)
    for one in around.before.keys() & around.entries.keys():
        mates[around.before[one].contact_id].append(around.entries[one])
    for one in sorted(around.before.keys() - around.entries.keys()):
        if left := mates.get(around.before[one].contact_id):
            own = (landed.c.id == one) & landed.c.heir.is_(None)
            db.execute(update(landed).where(own).values(heir=anchor_of(left).birth_id))
