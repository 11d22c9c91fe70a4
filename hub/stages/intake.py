"""What every door does with records that were landed: their evidence is taken, a no that nobody can read is kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection

from connectors.kit.base import Reject
from hub.settings.settings import ConnectionStream
from hub.stages.evidence import Rules, Version, take_evidence, take_late
from hub.stages.land import Arrival, Landing
from hub.stages.place import Place
from hub.stages.quarantine import hash_of
from hub.stages.salvage import hold_unreadable, release_readable
from mapping.models import Mapped


def take_in_evidence(
    db: Connection,
    place: Place,
    stream: ConnectionStream,
    rules: Rules,
    landing: Landing,
    arriving: Sequence[Arrival],
    mapped: Mapping[str, Mapped],
    now: datetime,
    rejects: Iterable[Reject] = (),
) -> None:
    """Note what these records say of consent; hold the addresses of those that cannot be read, release the others.

    `mapped`: what each of the landing's changes maps to, by content hash.
    """
    late = [(one.record.id, one.record.changed_at, stream.mapper(one.record.data)) for one in landing.late]
    take_late(db, place, rules, late, now)
    alive = [(change, mapped[change.content_hash]) for change in landing.changes if not change.deleted]
    take_evidence(db, place, rules, [Version(change, said.value, now) for change, said in alive], now)
    release_readable(db, place, [change.external_id for change, said in alive if said.value], now)
    body = {one.content_hash: one.body for one in arriving}
    unread = [(change.external_id, body[change.content_hash]) for change, said in alive if said.refusal is not None]
    unread += [(hash_of(reject), reject.raw) for reject in rejects]
    hold_unreadable(db, place, rules.region, unread, now)
