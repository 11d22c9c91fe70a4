"""The segment stage: asks every marked contact about every segment, and notes who enters and who leaves."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, Connection, delete, insert, literal, select, update

from hub.crashpoints import crashpoint
from hub.settings.settings import Settings
from hub.stages import notes
from hub.stages.collector import without_collector
from hub.stages.facts import Facts, facts_of
from hub.stages.golden import contacts
from hub.stages.holdings import mark_segments, segment_marks
from hub.stages.pausing import Between, for_a_while, go_on
from hub.stages.tags import find_tag_gaps
from hub.stages.tasks import begin_rules, fingerprint, make_tasks
from hub.stages.telling import Stays, tell_stays
from hub.store.derived.consent import SegmentMember
from hub.store.engine import Store
from hub.store.facts.outbox import SegmentStay
from hub.store.sql import among, insert_all, table, upsert_found

segment_members = table(SegmentMember)
stays = table(SegmentStay)

CHUNK = 500

_DONE = delete(segment_marks).where(among(segment_marks.c.contact_id, "ids"))
_NO_MEMBERS = delete(segment_members).where(among(segment_members.c.contact_id, "ids"))
_STAYS = select(stays).where(among(stays.c.contact_id, "ids")).order_by(stays.c.number)

Inside = dict[str, set[str]]
"""By segment, the contacts inside it."""


def segment_all(store: Store, settings: Settings, between: Between = go_on) -> int:
    """Work off the marks and what time alone has changed. Returns how many contacts were looked at."""
    store.write(lambda db: _mark_all_if_changed(db, settings))
    store.write(_mark_due)
    done = 0
    with without_collector() as collect:
        while count := store.write(lambda db: for_a_while(lambda: _segment_some(db, settings))):
            done += count
            collect()
            between()
    return done


def _mark_all_if_changed(db: Connection, settings: Settings) -> None:
    wired = sorted(
        (one.name, one.push.mode, name, target)
        for one in settings.connections.values()
        for name, target in one.push.segments.items()
    )
    rules = sorted((name, segment.fingerprint) for name, segment in settings.segments.items())
    occasions = fingerprint(settings)
    current = repr((rules, wired, occasions) if occasions else (rules, wired))
    if notes.get(db, "segments") == current:
        return
    begin_rules(db, settings, datetime.now(UTC))
    everyone = select(contacts.c.id.label("contact_id"), literal(time.time_ns(), BigInteger).label("mark"))
    upsert_found(db, segment_marks, everyone)
    notes.put(db, "segments", current)


def _mark_due(db: Connection) -> None:
    query = select(segment_members.c.contact_id).where(segment_members.c.recheck_at <= datetime.now(UTC))
    mark_segments(db, db.execute(query).scalars())


def _segment_some(db: Connection, settings: Settings) -> int:
    query = select(segment_marks.c.contact_id).order_by(segment_marks.c.contact_id).limit(CHUNK)
    ids = list(db.execute(query.with_for_update()).scalars())
    if ids:
        inside = _judge(db, settings, ids)
        find_tag_gaps(db, settings, ids, inside)
        db.execute(_DONE, {"ids": ids})
        crashpoint("segment.judged")
    return len(ids)


def _judge(db: Connection, settings: Settings, ids: Sequence[str]) -> Inside:
    now = datetime.now(UTC)
    found = facts_of(db, ids) if settings.segments or settings.hub.tasks else {}
    rows = verdicts(settings, found, now)
    inside = inside_of(settings, rows)
    entered, left = _note_stays(db, ids, inside, now)
    tell_stays(db, settings, "segment.left", left, now)
    tell_stays(db, settings, "segment.entered", entered, now)
    rows += make_tasks(db, settings, found, entered, now)
    db.execute(_NO_MEMBERS, {"ids": ids})
    insert_all(db, segment_members, rows)
    return inside


def verdicts(settings: Settings, found: Mapping[str, Facts], now: datetime) -> list[dict[str, Any]]:
    """The rows of `segment_member` that these facts make, by contact.

    Only what is inside, or may come inside by time alone, is worth a row.
    """
    rows = []
    for contact_id, facts in found.items():
        for name, segment in settings.segments.items():
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


def inside_of(settings: Settings, rows: Iterable[Mapping[str, Any]]) -> Inside:
    """Who is inside, of such rows."""
    inside: Inside = {name: set() for name in settings.segments}
    for row in rows:
        if row["inside"]:
            inside[row["segment"]].add(row["contact_id"])
    return inside


def _note_stays(
    db: Connection, ids: Sequence[str], inside: Mapping[str, set[str]], now: datetime
) -> tuple[Stays, Stays]:
    """Who enters and who leaves now."""
    leaving = []
    last = {(row.segment, row.contact_id): row for row in db.execute(_STAYS, {"ids": ids})}
    for (segment, contact_id), row in last.items():
        if row.left_at is None and contact_id not in inside.get(segment, set()):
            own = (stays.c.segment == segment) & (stays.c.contact_id == contact_id) & (stays.c.number == row.number)
            db.execute(update(stays).where(own).values(left_at=now))
            leaving.append((segment, contact_id, int(row.number)))
    entering = [
        (segment, contact_id, number)
        for segment, contact_ids in inside.items()
        for contact_id in sorted(contact_ids)
        if (number := _next_stay(last.get((segment, contact_id)))) is not None
    ]
    if entering:
        names = ("segment", "contact_id", "number")
        db.execute(insert(stays), [{**dict(zip(names, one, strict=True)), "entered_at": now} for one in entering])
    return entering, leaving


def _next_stay(last: Any) -> int | None:
    """The number of the stay that begins now; None for a contact that has not left."""
    if last is None:
        return 1
    return None if last.left_at is None else last.number + 1
