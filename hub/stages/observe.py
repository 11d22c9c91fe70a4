"""Reads single records right before a write, through the same door as a pull: landed, mapped, evidence taken."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from sqlalchemy import Connection

from connectors.kit.base import Record
from connectors.kit.destination import Destination
from hub.settings.settings import Connection as Configured
from hub.settings.settings import ConnectionStream, Settings
from hub.stages.evidence import Rules
from hub.stages.intake import take_in_evidence
from hub.stages.land import arrivals, land
from hub.stages.map import map_changes
from hub.stages.overtaken import overtaken
from hub.stages.place import Place
from hub.store.engine import Store
from hub.store.sql import chunks


def rules_of(settings: Settings, connection: Configured) -> Rules:
    """By what the evidence of this connection is read."""
    return Rules(settings.consent, connection.capabilities, settings.hub.region)


def stream_of(connection: Configured) -> ConnectionStream | None:
    """The configured stream whose records hold consent; None where nothing can be read."""
    can = connection.capabilities
    if not can.readable or not can.stream:
        return None
    return next((stream for stream in connection.streams if stream.name == can.stream), None)


def read_before(
    store: Store,
    settings: Settings,
    connection: Configured,
    destination: Destination,
    ids: Iterable[str],
    beside_pushes: bool = False,
) -> set[str]:
    """Land these records as they are at the destination now; returns the ids that it does not have any more.

    `beside_pushes`: somebody else may be writing to them meanwhile; what cannot be told apart then is not landed.
    Raises the connector's errors. Where nothing can be read, nothing is missing.
    """
    stream, asked_at = stream_of(connection), datetime.now(UTC) if beside_pushes else None
    wanted = sorted(set(ids))
    if stream is None:
        return set()
    found: list[Record] = []
    for some in chunks(wanted, connection.capabilities.fetch_batch):
        found += destination.fetch(some)
    place = Place(settings.hub.installation, connection.name, stream.name)
    store.write(lambda db: take_in(db, place, stream, rules_of(settings, connection), found, asked_at))
    return set(wanted) - {record.id for record in found}


def take_in(
    db: Connection,
    place: Place,
    stream: ConnectionStream,
    rules: Rules,
    records: Sequence[Record],
    asked_at: datetime | None = None,
) -> None:
    """Land these records, map them and take their evidence, all in this transaction.

    `asked_at`: when they were asked for, where our own writes to them may have overtaken them since.
    """
    now = datetime.now(UTC)
    arriving, _ = arrivals(records)
    data = {one.content_hash: one.record.data for one in arriving}
    if asked_at is not None:
        read = {one.content_hash: stream.mapper(one.record.data) for one in arriving}
        left = overtaken(db, place.connection, arriving, read, asked_at, now)
        arriving = [one for one in arriving if one.record.id not in left]
    landing = land(db, place, arriving, now)
    mapped = {one.content_hash: stream.mapper(data[one.content_hash]) for one in landing.changes if not one.deleted}
    map_changes(db, place, landing.changes, mapped)
    take_in_evidence(db, place, stream, rules, landing, arriving, mapped, now)
