"""The order of the stages, named in one place: pull, land, map | resolve | golden | consent | segment; then push."""

from __future__ import annotations

import time
from collections.abc import Callable

from sqlalchemy import Connection, delete, func, select, true, update

from dedupe.engine.weights import Model
from hub.settings.settings import ConnectionStream, Settings
from hub.stages import notes
from hub.stages.consent import consent_all
from hub.stages.golden import golden_all
from hub.stages.land import landed
from hub.stages.map import map_waiting, marks
from hub.stages.moves import Resolved
from hub.stages.pausing import Between, go_on
from hub.stages.place import Place
from hub.stages.resolve import LEASE, resolve_all
from hub.stages.segment import segment_all
from hub.store.engine import Store
from hub.store.leases import AlreadyRunning, LeaseLost, give_back, take
from hub.store.sql import table
from hub.store.tables import DERIVED

PATIENCE_SECONDS = 30.0
"""How long to wait for another resolver before leaving it the rest."""

REMAP_CHUNK = 1_000


class WrongInstallation(Exception):
    """The database was filled under another installation name: public ids would change under everyone's feet."""

    exit_code = 78


def check_installation(store: Store, settings: Settings) -> None:
    """Remember the installation's name on first use; refuse another one later."""
    wanted = settings.hub.installation

    def check(db: Connection) -> None:
        found = notes.get(db, "installation")
        if found is None:
            notes.put(db, "installation", wanted)
        elif found != wanted:
            raise WrongInstallation(
                f"hub.yaml says installation {wanted!r}, this database was filled as {found!r}: "
                f"write installation: {found} again, or start with an empty database"
            )

    store.write(check)


def place_of(settings: Settings, connection: str, stream: str) -> Place:
    return Place(settings.hub.installation, connection, stream)


def derive(
    store: Store,
    settings: Settings,
    progress: Callable[[int], None] = lambda _: None,
    between: Between = go_on,
) -> Resolved:
    """Resolve what is marked, give the touched contacts their golden fields, their consent and their segments.

    Raises what `between` raises; the next who derives goes on from there.
    """
    resolved = _resolve_patiently(store, settings.model, progress, between)
    golden_all(store, settings.survivorship, between)
    consent_all(store, settings, between)
    segment_all(store, settings, between)
    return resolved


def _resolve_patiently(
    store: Store, model: Model, progress: Callable[[int], None], between: Between = go_on
) -> Resolved:
    """Wait for another resolver, which may be busy with the very marks that we made."""
    until = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return resolve_all(store, model, progress, between)
        except (AlreadyRunning, LeaseLost):
            if time.monotonic() > until or not _marks_left(store):
                return Resolved()
            between()
            time.sleep(0.2)


def _marks_left(store: Store) -> bool:
    with store.read() as db:
        return db.execute(select(marks.c.mark).limit(1)).first() is not None


def rebuild(store: Store, settings: Settings, progress: Callable[[int], None] = lambda _: None) -> Resolved:
    """Delete every derived row and derive all anew from the facts. What waits is worked off first.

    Raises AlreadyRunning when another resolver keeps at it.
    """
    derive(store, settings)
    _forget_patiently(store)
    for connection in settings.connections.values():
        for stream in connection.streams:
            _map_all(store, place_of(settings, connection.name, stream.name), stream)
    return derive(store, settings, progress)


def _forget_patiently(store: Store) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return store.write(_forget_derived)
        except AlreadyRunning:
            if time.monotonic() > until:
                raise
            time.sleep(0.2)


def _forget_derived(db: Connection) -> None:
    held = take(db, LEASE)  # a resolver that is thinking would store over it what it read before
    for model in reversed(DERIVED):
        db.execute(delete(table(model)))
    db.execute(update(landed).where(landed.c.mapped == true()).values(mapped=False))
    for policy in ("consent_policy", "segments"):
        notes.put(db, policy, "")  # so that every address and contact is looked at again
    give_back(db, held)


def _map_all(store: Store, place: Place, stream: ConnectionStream) -> None:
    while store.write(lambda db: map_waiting(db, place, stream.mapper, REMAP_CHUNK)) == REMAP_CHUNK:
        pass


def unmapped(db: Connection) -> list[tuple[str, str, int]]:
    """Streams with landed records that no configured mapping covers, with their number."""
    query = (
        select(landed.c.connection, landed.c.stream, func.count())
        .where(landed.c.mapped.is_(False))
        .group_by(landed.c.connection, landed.c.stream)
        .order_by(landed.c.connection, landed.c.stream)
    )
    return [(row[0], row[1], row[2]) for row in db.execute(query)]
