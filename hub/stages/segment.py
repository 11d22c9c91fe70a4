"""The segment stage: asks every marked contact about every segment, and notes who enters and who leaves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from hub.settings.settings import Settings
from hub.stages import notes
from hub.stages.facts import Facts, facts_of
from hub.stages.golden import contacts
from hub.stages.holdings import mark_segments, segment_marks
from hub.stages.tags import find_tag_gaps
from hub.store.derived.consent import SegmentMember
from hub.store.engine import Store
from hub.store.facts.outbox import SegmentStay
from hub.store.sql import chunks, table

segment_members = table(SegmentMember)
stays = table(SegmentStay)

CHUNK = 200

Inside = dict[str, set[str]]
"""By segment, the contacts inside it."""


def segment_all(store: Store, settings: Settings) -> int:
    """Work off the marks and what time alone has changed. Returns how many contacts were looked at."""
    store.write(lambda db: _mark_all_if_changed(db, settings))
    store.write(_mark_due)
    done = 0
    while count := store.write(lambda db: _segment_some(db, settings)):
        done += count
    return done


def _mark_all_if_changed(db: Connection, settings: Settings) -> None:
    wired = sorted(
        (one.name, one.push.mode, name, target)
        for one in settings.connections.values()
        for name, target in one.push.segments.items()
    )
    rules = sorted((name, segment.fingerprint) for name, segment in settings.segments.items())
    fingerprint = repr((rules, wired))
    if notes.get(db, "segments") == fingerprint:
        return
    for some in chunks(db.execute(select(contacts.c.id)).scalars().all(), 5_000):
        mark_segments(db, some)
    notes.put(db, "segments", fingerprint)


def _mark_due(db: Connection) -> None:
    query = select(segment_members.c.contact_id).where(segment_members.c.recheck_at <= datetime.now(UTC)).distinct()
    mark_segments(db, db.execute(query).scalars())


def _segment_some(db: Connection, settings: Settings) -> int:
    query = select(segment_marks.c.contact_id).order_by(segment_marks.c.contact_id).limit(CHUNK)
    ids = list(db.execute(query.with_for_update()).scalars())
    if ids:
        inside = _judge(db, settings, ids)
        find_tag_gaps(db, settings, ids, inside)
        db.execute(delete(segment_marks).where(segment_marks.c.contact_id.in_(ids)))
    return len(ids)


def _judge(db: Connection, settings: Settings, ids: Sequence[str]) -> Inside:
    now = datetime.now(UTC)
    found = facts_of(db, ids) if settings.segments else {}
    rows = [row for contact_id in ids for row in _verdicts(settings, contact_id, found.get(contact_id), now)]
    db.execute(delete(segment_members).where(segment_members.c.contact_id.in_(ids)))
    if rows:
        db.execute(insert(segment_members), rows)
    inside: Inside = {name: set() for name in settings.segments}
    for row in rows:
        if row["inside"]:
            inside[row["segment"]].add(row["contact_id"])
    _note_stays(db, ids, inside, now)
    return inside


def _verdicts(settings: Settings, contact_id: str, facts: Facts | None, now: datetime) -> list[dict[str, Any]]:
    """Only what is inside, or may come inside by time alone, is worth a row."""
    rows = []
    for name, segment in settings.segments.items():
        if facts is None:
            continue
        verdict = segment.test(facts, now)
        if verdict.inside or verdict.recheck_at is not None:
            rows.append(
                {
                    "segment": name,
                    "contact_id": contact_id,
                    "inside": verdict.inside,
                    "recheck_at": verdict.recheck_at,
                }
            )
    return rows


def _note_stays(db: Connection, ids: Sequence[str], inside: Mapping[str, set[str]], now: datetime) -> None:
    query = select(stays).where(stays.c.contact_id.in_(ids)).order_by(stays.c.number)
    last = {(row.segment, row.contact_id): row for row in db.execute(query)}
    for (segment, contact_id), row in last.items():
        if row.left_at is None and contact_id not in inside.get(segment, set()):
            own = (stays.c.segment == segment) & (stays.c.contact_id == contact_id) & (stays.c.number == row.number)
            db.execute(update(stays).where(own).values(left_at=now))
    entering = [
        {"segment": segment, "contact_id": contact_id, "number": number, "entered_at": now}
        for segment, contact_ids in inside.items()
        for contact_id in sorted(contact_ids)
        if (number := _next_stay(last.get((segment, contact_id)))) is not None
    ]
    if entering:
        db.execute(insert(stays), entering)


def _next_stay(last: Any) -> int | None:
    """The number of the stay that begins now; None for a contact that has not left."""
    if last is None:
        return 1
    return None if last.left_at is None else last.number + 1
