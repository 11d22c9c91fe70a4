"""The land stage: keeps every record of a page as it came, each version once, and says which ones are new.

Law: the latest version of a record is in `landed_record`; every other version that was ever seen is in
`landed_version`. A version older than the latest (by the vendor's change time) never replaces it.
Whoever lands maps what has changed in the same transaction: a landed record waits for nobody.
"""

from __future__ import annotations

import reprlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, bindparam, false, insert, select, update
from sqlalchemy.engine import Row

from connectors.kit.base import Record, Reject
from hub.stages.canonical import canonical
from hub.stages.passes import see
from hub.stages.place import Place
from hub.store.births import birth_id
from hub.store.facts.landed import LandedRecord, LandedVersion
from hub.store.jsontext import Unstorable, loads, storable
from hub.store.sql import among, chunks, insert_new, table

landed = table(LandedRecord)
versions = table(LandedVersion)

_OWN = (landed.c.connection == bindparam("own_connection")) & (landed.c.stream == bindparam("own_stream"))
_ASKED = _OWN & among(landed.c.external_id, "ids")
_HASHES = select(landed.c.external_id, landed.c.content_hash).where(_ASKED)
_KNOWN = (
    *(landed.c.id, landed.c.external_id, landed.c.birth_id, landed.c.born, landed.c.content_hash),
    *(landed.c.changed_at, landed.c.deleted, landed.c.landed_at),
)
"""What has to be known of a record that comes again; its body stays where it is."""

_KEEP_VERSION = insert(versions).from_select(
    ["record_id", "content_hash", "landed_at", "body", "changed_at", "deleted", "superseded"],
    select(
        *(landed.c.id, landed.c.content_hash, landed.c.landed_at, landed.c.body, landed.c.changed_at, landed.c.deleted),
        false(),
    ).where(among(landed.c.id, "rows")),
)
_HELD: Select[Any] = select(*_KNOWN).where(_ASKED).order_by(landed.c.external_id).with_for_update()

LONGEST_ID = 1_000
"""Bytes of an external id; PostgreSQL's indexes end at 2,700 for the whole key."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A record on its way in, with its canonical text and hash."""

    record: Record
    body: str
    content_hash: str


@dataclass(frozen=True, slots=True)
class Change:
    """A record whose latest version is new: what the map stage has to look at."""

    record_id: int
    external_id: str
    birth_id: str
    born: int
    content_hash: str
    changed_at: datetime | None
    deleted: bool
    is_new: bool


@dataclass(slots=True)
class Landing:
    """What became of a page's records; the two counts and the changes add up to the records given.

    `late`: versions that a newer one had overtaken, seen for the first time.
    """

    changes: list[Change] = field(default_factory=list)
    late: list[Arrival] = field(default_factory=list)
    unchanged: int = 0
    superseded: int = 0


def arrivals(records: Iterable[Record]) -> tuple[list[Arrival], list[Reject]]:
    """The records in their order, and those that no database can keep as rejects."""
    arriving: list[Arrival] = []
    rejects: list[Reject] = []
    for record in records:
        try:
            _check_id(record.id)
            arriving.append(arrived(record))
        except Unstorable as error:
            rejects.append(Reject(f"{record.id}: {_written(record.data)}", f"the record cannot be kept: {error}"))
    return arriving, rejects


def arrived(record: Record) -> Arrival:
    return Arrival(record, *canonical(record.data, record.deleted))


def _check_id(external_id: str) -> None:
    """Raises Unstorable for an id that a database would refuse, or keep as another one."""
    if not external_id or len(external_id.encode("utf-8", "backslashreplace")) > LONGEST_ID:
        raise Unstorable(f"its id is empty or longer than {LONGEST_ID} bytes")
    if storable(external_id) != external_id:
        raise Unstorable("its id holds a NUL character or half a character")


def _written(data: Any) -> str:
    """A record that is no JSON, for people: cut where it has no end."""
    short = reprlib.Repr()
    short.maxlevel, short.maxdict, short.maxlist = 20, 1_000, 1_000
    short.maxstring = short.maxother = short.maxlong = 10_000
    return short.repr(data)


def known_hashes(db: Connection, place: Place, arriving: Sequence[Arrival]) -> dict[str, str]:
    """external id -> content hash of the latest landed version, for those that are landed."""
    ids = {arrival.record.id for arrival in arriving}
    return {row[0]: row[1] for row in db.execute(_HASHES, _asked(place, ids)).all()}


def land(db: Connection, place: Place, arriving: Sequence[Arrival], now: datetime) -> Landing:
    """Land records in the order given. A record that comes twice is landed twice, one version after the other."""
    landing = Landing()
    for number, wave in enumerate(_waves(arriving)):
        # a microsecond apart: a record may come as A, B, A, B, and each of these versions is kept
        _land_wave(db, place, wave, now + timedelta(microseconds=number), landing)
    see(db, place, (arrival.record.id for arrival in arriving))
    return landing


def _waves(arriving: Sequence[Arrival]) -> list[dict[int, Arrival]]:
    """The first sight of every id, then the second ones, and so on; each with its place among all."""
    waves: list[dict[int, Arrival]] = []
    seen: Counter[str] = Counter()
    for position, arrival in enumerate(arriving):
        number = seen[arrival.record.id]
        seen[arrival.record.id] += 1
        if number == len(waves):
            waves.append({})
        waves[number][position] = arrival
    return waves


def _land_wave(db: Connection, place: Place, wave: Mapping[int, Arrival], now: datetime, landing: Landing) -> None:
    by_id = {arrival.record.id: arrival for arrival in wave.values()}
    first_birth = int(now.timestamp() * 1_000_000)
    births = {arrival.record.id: first_birth + position for position, arrival in wave.items()}
    fresh = by_id.keys() - known_hashes(db, place, list(wave.values())).keys()
    # inserted before any row is locked, so that two workers never wait for each other
    _insert_fresh(db, place, [(by_id[key], births[key]) for key in sorted(fresh)], now)
    held = _held(db, place, by_id)
    # another worker may have landed the same record a moment ago: then ours is an ordinary second sight
    mine = {key for key in fresh if held[key].born == births[key] and held[key].landed_at == now}
    landing.changes.extend(_change(held[key], by_id[key], is_new=True) for key in by_id if key in mine)
    _meet_again(db, by_id, {key: row for key, row in held.items() if key not in mine}, now, landing)


def _held(db: Connection, place: Place, ids: Iterable[str]) -> dict[str, Row[Any]]:
    """The landed rows of these ids, locked until commit on PostgreSQL (SQLite's writer is alone anyway)."""
    return {row.external_id: row for row in db.execute(_HELD, _asked(place, ids)).all()}


def _asked(place: Place, ids: Iterable[str]) -> dict[str, Any]:
    return {"own_connection": place.connection, "own_stream": place.stream, "ids": list(ids)}


def _insert_fresh(db: Connection, place: Place, fresh: Iterable[tuple[Arrival, int]], now: datetime) -> None:
    """Insert by id, in byte order: one order for all workers, so that they never wait in a circle."""
    rows = [
        {
            "connection": place.connection,
            "stream": place.stream,
            "external_id": arrival.record.id,
            "birth_id": birth_id(place.installation, place.connection, place.stream, arrival.record.id),
            "born": born,
            "content_hash": arrival.content_hash,
            "body": arrival.body,
            "changed_at": arrival.record.changed_at,
            "deleted": arrival.record.deleted,
            "landed_at": now,
            "last_seen_at": now,
            "versions": 1,
            "mapped": True,
        }
        for arrival, born in fresh
    ]
    insert_new(db, landed, rows)


def _meet_again(
    db: Connection, by_id: dict[str, Arrival], held: dict[str, Row[Any]], now: datetime, landing: Landing
) -> None:
    """Records that were landed before: unchanged, late, or a new version."""
    unchanged: list[int] = []
    newer: list[tuple[Row[Any], Arrival]] = []
    for external_id, row in held.items():
        arrival = by_id[external_id]
        if row.content_hash == arrival.content_hash:
            unchanged.append(row.id)
        elif _is_older(arrival.record.changed_at, row.changed_at):
            if _keep_late(db, row, arrival, now):
                landing.late.append(arrival)
            landing.superseded += 1
        else:
            newer.append((row, arrival))
    landing.unchanged += len(unchanged)
    for ids in chunks(unchanged):
        db.execute(update(landed).where(landed.c.id.in_(ids)).values(last_seen_at=now))
    if newer:
        _replace(db, newer, now, landing)


def _is_older(arriving: datetime | None, held: datetime | None) -> bool:
    return arriving is not None and held is not None and arriving < held


def _keep_late(db: Connection, row: Row[Any], arrival: Arrival, now: datetime) -> bool:
    seen_before = db.execute(
        select(versions.c.record_id).where(
            versions.c.record_id == row.id,
            versions.c.content_hash == arrival.content_hash,
            versions.c.changed_at == arrival.record.changed_at,
        )
    ).first()
    if seen_before is None:
        late = {
            "record_id": row.id,
            "content_hash": arrival.content_hash,
            "landed_at": now,
            "body": arrival.body,
            "changed_at": arrival.record.changed_at,
            "deleted": arrival.record.deleted,
            "superseded": True,
        }
        db.execute(insert(versions), late)
    return seen_before is None


def _replace(db: Connection, newer: list[tuple[Row[Any], Arrival]], now: datetime, landing: Landing) -> None:
    db.execute(_KEEP_VERSION, {"rows": [row.id for row, _ in newer]})
    db.execute(
        update(landed)
        .where(landed.c.id == bindparam("row_id"))
        .values(versions=landed.c.versions + 1, mapped=True, landed_at=now, last_seen_at=now),
        [
            {
                "row_id": row.id,
                "content_hash": arrival.content_hash,
                "body": arrival.body,
                "changed_at": arrival.record.changed_at,
                "deleted": arrival.record.deleted,
            }
            for row, arrival in newer
        ],
    )
    landing.changes.extend(_change(row, arrival, is_new=False) for row, arrival in newer)


def _change(row: Row[Any], arrival: Arrival, is_new: bool) -> Change:
    """What changed: a row just inserted, or a held row and the newer version that replaced it."""
    return Change(
        record_id=row.id,
        external_id=row.external_id,
        birth_id=row.birth_id,
        born=row.born,
        content_hash=arrival.content_hash,
        changed_at=arrival.record.changed_at,
        deleted=arrival.record.deleted,
        is_new=is_new,
    )


def vanish(db: Connection, place: Place, since: datetime, now: datetime) -> Landing:
    """Turn into tombstones the records of a completed snapshot that were not seen in it."""
    gone = db.execute(
        select(landed)
        .where(
            landed.c.connection == place.connection,
            landed.c.stream == place.stream,
            landed.c.last_seen_at < since,
            landed.c.deleted == false(),
        )
        .order_by(landed.c.external_id)
        .with_for_update()
    ).all()
    return bury(db, gone, now)


def bury(db: Connection, gone: Iterable[Row[Any]], now: datetime) -> Landing:
    """Turn these landed rows, locked by the caller, into tombstones."""
    landing = Landing()
    tombstones = [
        (row, arrived(Record(row.external_id, loads(row.body), row.changed_at, deleted=True))) for row in gone
    ]
    if tombstones:
        _replace(db, tombstones, now, landing)
    return landing
