"""The two partitions that can be asked for: what is merged by itself, and what merging the review band would make."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple

from sqlalchemy import Connection, select

from dedupe.engine.partition import partition
from dedupe.engine.population import hashes_from
from dedupe.engine.weights import Model
from hub.stages.crowds import popular_keys
from hub.stages.everyone import RESOLVED, population
from hub.stages.map import people
from hub.stages.reading import all_links, members


class Band(StrEnum):
    """The lowest band that is merged without asking anybody."""

    AUTOMATIC = "automatic"
    LIKELY = "likely"


class Assigned(NamedTuple):
    """A record and the contact that it belongs to."""

    record_id: int
    connection: str
    stream: str
    external_id: str
    contact_id: str


def assigned(db: Connection, band: Band, model: Model) -> Iterator[Assigned]:
    """Every live person-bearing record that has been resolved, ordered by its key."""
    joined = likely_assignments(db, model) if band == Band.LIKELY else {}
    query = (
        select(people.c.record_id, people.c.connection, people.c.stream, people.c.external_id, members.c.contact_id)
        .join(members, members.c.record_id == people.c.record_id)
        .order_by(people.c.connection, people.c.stream, people.c.external_id)
    )
    for row in db.execute(query):
        found = Assigned(*row)
        yield found._replace(contact_id=joined.get(found.record_id, found.contact_id))


def likely_assignments(db: Connection, model: Model) -> dict[int, str]:
    """record id -> contact id when the review band is merged too: everything resolved anew, nothing stored."""
    everyone = population(db.execute(RESOLVED))
    popular = hashes_from(db.execute(select(popular_keys.c.key)).scalars())
    found = partition(everyone, popular, all_links(db), model, likely=True)
    contacts = (everyone.birth_ids[row] for row in found.anchors.tolist())
    return dict(zip(everyone.ids.tolist(), contacts, strict=True))
