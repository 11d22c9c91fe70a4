"""Reads quarantined records again, without asking their source: after the mapping was mended."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection as Db
from sqlalchemy import func, select

from hub.jobs.queue import queue_derive
from hub.settings.settings import Connection, ConnectionStream, Settings
from hub.stages.land import landed
from hub.stages.map import map_waiting, refusals
from hub.stages.observe import rules_of
from hub.stages.order import derive, place_of
from hub.stages.place import Place, lease_of
from hub.stages.quarantine import read_again
from hub.store.engine import Store
from hub.store.leases import RUN_TERM, Held, give_back, renew, take

CHUNK = 1_000
MOST_AT_ONCE = 5_000


class TooMany(Exception):
    """A person at a page would have to wait too long; the message names the command that does it."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """How many records of a stream were in quarantine, and how many of them can be read now."""

    connection: str
    stream: str
    records: int
    mended: int


def replay(store: Store, settings: Settings, connections: Iterable[Connection]) -> list[Replayed]:
    """Map the refused records of these connections anew, with their evidence, and derive what follows.

    Raises AlreadyRunning while one of the streams is read.
    """
    found = []
    for connection in connections:
        for stream in connection.streams:
            place = place_of(settings, connection.name, stream.name)
            with store.read() as db:
                number = _refused(db, place)
            if number:
                found.append(_replay(store, settings, connection, stream, place))
    derive(store, settings)
    return found


def replay_some(
    store: Store, settings: Settings, connection: Connection, stream: ConnectionStream, reason: str | None = None
) -> Replayed:
    """As `replay`, for one stream, or for what was refused there with this reason; what follows is queued.

    Raises AlreadyRunning while the stream is read, and TooMany for more than a page can wait for.
    """
    place = place_of(settings, connection.name, stream.name)
    with store.read() as db:
        number = _refused(db, place)
    if number > MOST_AT_ONCE:
        raise TooMany(f"{number} rows are more than a page can wait for: hub quarantine --replay {connection.name}")
    done = _replay(store, settings, connection, stream, place, reason)
    store.write(lambda db: queue_derive(db, place.installation, "quarantine was read again"))
    return done


def _replay(
    store: Store,
    settings: Settings,
    connection: Connection,
    stream: ConnectionStream,
    place: Place,
    reason: str | None = None,
) -> Replayed:
    held = store.write(lambda db: take(db, lease_of(place), term=RUN_TERM))
    rules = rules_of(settings, connection)

    def some(db: Db) -> int:
        renew(db, held)
        return map_waiting(db, place, stream.mapper, CHUNK, rules)

    try:
        with store.read() as db:
            before = _refused(db, place)
        number = store.write(lambda db: _begin(db, place, held, reason))
        while store.write(some) == CHUNK:
            pass
        with store.read() as db:
            left = _refused(db, place)
    finally:
        store.write(lambda db: give_back(db, held))
    return Replayed(place.connection, place.stream, number, max(before - left, 0))


def _begin(db: Db, place: Place, held: Held, reason: str | None) -> int:
    renew(db, held)
    return read_again(db, place, reason)


def _refused(db: Db, place: Place) -> int:
    here = (landed.c.connection == place.connection) & (landed.c.stream == place.stream)
    query = select(func.count()).select_from(refusals).join(landed, landed.c.id == refusals.c.record_id).where(here)
    return db.execute(query).scalar_one()
