"""What a verified webhook tells, taken in once and in one transaction: records, noes, and what is to be read again."""

from __future__ import annotations

import logging
import time
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection as Db
from sqlalchemy import delete, select, tuple_

from connectors.kit.base import Record
from connectors.kit.webhook import News, No
from hub.consent.keywords import meaning_of_message
from hub.consent.salvage import addresses_in
from hub.consent.sightings import Reading, Seen, note_late
from hub.settings.settings import Connection, ConnectionStream, Settings
from hub.stages.bearing import borne_by_named
from hub.stages.holdings import lines_held
from hub.stages.land import arrivals, known_hashes
from hub.stages.ledger import Line, keep, mark
from hub.stages.observe import rules_of, stream_of, take_in
from hub.stages.place import Place
from hub.stages.relatives import addresses_reached
from hub.stages.sights import OWN_WINDOW, deliveries
from hub.store.operating.hints import RefetchMark, WebhookTaken
from hub.store.sql import chunks, insert_new, table, upsert
from mapping.models import Message

taken = table(WebhookTaken)
refetch_marks = table(RefetchMark)

KEPT = timedelta(days=7)
"""How long a delivery is known again: more than twice the time for which any vendor repeats one."""

log = logging.getLogger("hub.webhooks")


@dataclass(slots=True)
class Wanted:
    """What is to be asked of the vendor because of a delivery: single records, and whole streams a little early."""

    refetch: bool = False
    streams: set[str] = field(default_factory=set)


def take_news(db: Db, settings: Settings, connection: Connection, key: str, news: News, now: datetime) -> Wanted:
    """Take in what a delivery tells, unless it was taken in before. `key`: the same for the same delivery."""
    if not _is_new(db, connection.name, key, now):
        return Wanted()
    _land(db, settings, connection, news.records)
    for no in news.noes:
        _keep_no(db, settings, connection, no, now)
    return _mark(db, connection, news.hints)


def _is_new(db: Db, connection: str, key: str, now: datetime) -> bool:
    first = select(taken.c.taken_at).where(taken.c.connection == connection, taken.c.key == key)
    if db.execute(first).first() is not None:
        return False
    db.execute(delete(taken).where(taken.c.taken_at < now - KEPT))
    insert_new(db, taken, [{"connection": connection, "key": key, "taken_at": now}])
    return bool(db.execute(first).scalar_one() == now)  # the same delivery at the same moment waited for this one


def _land(db: Db, settings: Settings, connection: Connection, told: Sequence[tuple[str, Record]]) -> None:
    rules = rules_of(settings, connection)
    for stream in connection.streams:
        place = Place(settings.hub.installation, connection.name, stream.name)
        records = [record for name, record in told if name == stream.name]
        if new := [record for record in _unknown(db, place, records) if not _is_a_yes(stream, record)]:
            take_in(db, place, stream, rules, new)


def _unknown(db: Db, place: Place, records: Sequence[Record]) -> list[Record]:
    """What was never landed: a delivery that comes again, or after a poll has brought it, changes nothing."""
    arriving, _ = arrivals(records)
    known = known_hashes(db, place, arriving)
    return [one.record for one in arriving if one.record.id not in known]


def _is_a_yes(stream: ConnectionStream, record: Record) -> bool:
    """A yes is left to the next poll, which knows when it was sent: one that arrives late would undo a newer no."""
    value = stream.mapper(record.data).value
    if not isinstance(value, Message) or value.direction != "in":
        return False
    return meaning_of_message(value.text, value.verdict) == "start"


def _keep_no(db: Db, settings: Settings, connection: Connection, no: No, now: datetime) -> None:
    """A no is evidence from here on, whatever a read shows later; but not where it only repeats our own write."""
    at = no.at or now
    if not no.method and _is_our_own(db, connection.name, no, at):
        return
    lines = _lines(db, settings, connection, no)
    if not lines:
        log.warning("webhook.no_without_address", extra={"hub_fields": {"connection": connection.name}})
    rules = rules_of(settings, connection)
    scope = f"{connection.name}/{no.scope}" if no.scope else ""
    reading = Reading(connection.name, no.stream, no.record, now, at, True, rules.can.yes_methods)
    for channel, address in lines:
        seen = Seen(channel, address, "withdrawn", at, scope=scope, method=no.method)
        found = note_late(seen, reading, rules.policy.reach_of(scope))
        keep(db, found)
        mark(db, addresses_reached(db, found))


def _is_our_own(db: Db, connection: str, no: No, at: datetime) -> bool:
    """Whether an opt-out of ours did this: by the consent time we sent, or because it was just then."""
    query = select(deliveries.c.consent_at, deliveries.c.sent_at, deliveries.c.answered_at).where(
        deliveries.c.destination == connection,
        deliveries.c.record == no.record,
        deliveries.c.channel == no.channel,
        deliveries.c.wanted == "out",
        deliveries.c.sent_at.is_not(None),
    )
    for row in db.execute(query):
        until = row.answered_at or row.sent_at
        if row.consent_at is not None and abs(row.consent_at - at) < timedelta(seconds=1):
            return True
        if row.sent_at - OWN_WINDOW <= at <= until + OWN_WINDOW:
            return True
    return False


def _lines(db: Db, settings: Settings, connection: Connection, no: No) -> list[Line]:
    """The address that is named; else, or where it cannot be read, those of the record on that channel."""
    named = [line for line in addresses_in(no.address, settings.hub.region) if line[0] == no.channel]
    if named:
        return sorted(set(named))
    held = lines_held(db, connection.name, [no.record]).get(no.record, set())
    held |= borne_by_named(db, connection.name, no.stream, no.record)
    return sorted(line for line in held if line[0] == no.channel)


def _mark(db: Db, connection: Connection, hints: Iterable[tuple[str, str]]) -> Wanted:
    wanted = Wanted()
    stream = stream_of(connection)
    fetched = stream.name if stream is not None and connection.connector.destination is not None else None
    rows = []
    for name, external_id in dict.fromkeys(hints):
        if name == fetched:
            rows.append({"connection": connection.name, "external_id": external_id, "mark": time.time_ns()})
        elif any(one.name == name for one in connection.streams):
            wanted.streams.add(name)
    upsert(db, refetch_marks, rows)
    wanted.refetch = bool(rows)
    return wanted


def marked(db: Db, connection: str, limit: int) -> dict[str, int]:
    """The records that are to be read again, each with its mark."""
    query = select(refetch_marks).where(refetch_marks.c.connection == connection)
    rows = db.execute(query.order_by(refetch_marks.c.mark, refetch_marks.c.external_id).limit(limit))
    return {row.external_id: row.mark for row in rows}


def unmark(db: Db, connection: str, marks: Collection[tuple[str, int]]) -> None:
    """These were read; what was marked anew meanwhile stays marked."""
    for some in chunks(sorted(marks), 200):
        own = tuple_(refetch_marks.c.external_id, refetch_marks.c.mark).in_(some)
        db.execute(delete(refetch_marks).where(refetch_marks.c.connection == connection, own))
