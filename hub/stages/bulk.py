"""Everything resolved at once: the way of a first load, of another model, and of more marks than increments are for.

Law: the outcome is that of increments. The lease is held throughout; nothing that is in use changes before the switch.
"""

from __future__ import annotations

import time
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import Connection, select, update

from dedupe.engine.coding import Hashes, Rows
from dedupe.engine.keys import is_in
from dedupe.engine.partition import Partition, partition
from dedupe.engine.population import Population, hashes_from, signed
from dedupe.engine.resolving import popular_in
from dedupe.engine.weights import Model
from dedupe.links import Links
from hub.crashpoints import crashpoint
from hub.stages import notes
from hub.stages.anew import note_model
from hub.stages.crowds import is_crowded, match_keys, popular_keys, said_of_keys
from hub.stages.everyone import EVERYONE, numbers, population
from hub.stages.golden import mark_contacts
from hub.stages.increment import IS_MARKED, NAME_HEIR, edge_rows, naming, question_rows, reviews, unmark
from hub.stages.land import landed
from hub.stages.map import marks, people
from hub.stages.moves import Resolved, heirs, moves
from hub.stages.neighbourhood import digest_of_features
from hub.stages.reading import all_links, edges, members
from hub.store.engine import Store
from hub.store.generation import Generation
from hub.store.leases import Held, renew
from hub.store.sql import among, chunks

UNTOLD = "identity_untold"
"""A note: "yes" while not all contacts of a new generation are marked for the golden stage."""

_MARKED = select(landed.c.id, marks.c.mark).join(marks, IS_MARKED).execution_options(yield_per=10_000)
_NAMED = select(landed.c.connection, landed.c.stream, landed.c.external_id, landed.c.id).where(
    among(landed.c.id, "ids")
)
_BEFORE = select(members.c.record_id, members.c.contact_id)
_ALIVE_AGAIN = (
    update(landed).where(landed.c.heir.is_not(None), landed.c.id.in_(select(people.c.record_id))).values(heir=None)
)


@dataclass(frozen=True, slots=True)
class _Read:
    """All there is, as of one moment."""

    people: Population
    digests: Rows
    popular: Hashes
    links: Links
    marked: tuple[Rows, Rows]
    before: dict[int, str]


def resolve_everything(store: Store, model: Model, held: Held) -> Resolved:
    """Resolve every record, marked or not, and work off the marks. Raises LeaseLost."""
    read = _read(store, model)
    found = partition(read.people, read.popular, read.links, model)
    contacts = [read.people.birth_ids[row] for row in found.anchors.tolist()]
    now = dict(zip(read.people.ids.tolist(), contacts, strict=True))
    outcome = moves(read.before, now)
    touched = {home[one] for one in read.marked[0].tolist() for home in (read.before, now) if one in home}
    _name_heirs(store, held, read)
    beside = Generation(store, (match_keys, popular_keys, members, edges, reviews), lambda db: renew(db, held))
    beside.begin()
    _fill(beside, read, found, contacts)
    beside.finish()
    crashpoint("generation.filled")
    store.write(lambda db: _switch(db, beside, model))
    crashpoint("generation.switched")
    _tell(store, held, touched | outcome.moved)
    _unmark(store, held, read.marked)
    return Resolved(len(read.marked[0]), outcome.created, outcome.merged, outcome.split)


def tell_if_interrupted(store: Store, held: Held) -> None:
    """Let every contact wait for the golden stage, where a switch was made and its end is not known."""
    with store.read() as db:
        if notes.get(db, UNTOLD) != "yes":
            return
        everyone = set(db.execute(select(members.c.contact_id).distinct()).scalars())
    _tell(store, held, everyone)


def _read(store: Store, model: Model) -> _Read:
    with store.read() as db:
        marked = _marked(db.execute(_MARKED))
        before = {row.record_id: row.contact_id for row in db.execute(_BEFORE)}
        links, said = all_links(db), said_of_keys(db)
        digests = array("q")
        everyone = population(_noting(digests, db.execute(EVERYONE)))
    return _Read(everyone, numbers(digests), _popular(everyone, said, model), links, marked, before)


def _noting(digests: array[int], rows: Iterable[Any]) -> Iterator[Any]:
    for row in rows:
        digests.append(digest_of_features(row.features))
        yield row


def _marked(rows: Iterable[Any]) -> tuple[Rows, Rows]:
    """Records and their marks. A mark on nothing is left to an increment."""
    records, found = array("q"), array("q")
    for row in rows:
        records.append(row.id)
        found.append(row.mark)
    return numbers(records), numbers(found)


def _popular(everyone: Population, said: dict[int, str], model: Model) -> Hashes:
    found = set(signed(popular_in(everyone.ready, model)))
    hashes, told = everyone.ready.keys.hashes, everyone.ready.told
    for key, verdict in said.items():
        holders = told[hashes == np.array(key, np.int64).view(np.uint64)]
        crowded = len(holders) and is_crowded(model, verdict, signed(holders))
        found = found | {key} if crowded else found - {key}
    return hashes_from(found)


def _name_heirs(store: Store, held: Held, read: _Read) -> None:
    """Records that left their contacts for good name, once in a life, who inherits their public ids."""
    everyone, (oldest_first, _) = read.people, read.people.ages
    found = heirs(read.before, ((int(everyone.ids[row]), everyone.birth_ids[row]) for row in oldest_first.tolist()))

    def work(db: Connection) -> None:
        renew(db, held)
        db.execute(_ALIVE_AGAIN)
        if found:
            db.execute(NAME_HEIR, naming(found))

    store.write(work)


def _fill(beside: Generation, read: _Read, found: Partition, contacts: Sequence[str]) -> None:
    births, values = read.people.birth_ids, hashes_from(read.people.value_keys())
    components = [births[row] for row in found.components.tolist()]
    ids = read.people.ids
    beside.fill(match_keys, _key_rows(read.people))
    beside.fill(popular_keys, zip(signed(read.popular), is_in(read.popular, values).tolist(), strict=True))
    order = np.argsort(ids).tolist()
    members_by_id = ((int(ids[row]), contacts[row], components[row], int(read.digests[row])) for row in order)
    beside.fill(members, members_by_id)
    beside.fill(edges, edge_rows(read.people, found))
    beside.fill(reviews, question_rows(read.people, found))


def _key_rows(everyone: Population) -> Iterator[tuple[int, int, int]]:
    """(key, what tells a holder apart, record), each once, in order."""
    keys, told = everyone.ready.keys, everyone.ready.told.view(np.int64)
    hashes, records = keys.hashes.view(np.int64), everyone.ids[keys.rows]
    order = np.lexsort((records, told, hashes))
    hashes, told, records = hashes[order], told[order], records[order]
    again = (hashes[1:] == hashes[:-1]) & (told[1:] == told[:-1]) & (records[1:] == records[:-1])
    fresh = np.flatnonzero(np.concatenate(([True], ~again))) if len(hashes) else order
    for some in range(0, len(fresh), 100_000):
        rows = fresh[some : some + 100_000]
        yield from zip(hashes[rows].tolist(), told[rows].tolist(), records[rows].tolist(), strict=True)


def _switch(db: Connection, beside: Generation, model: Model) -> None:
    beside.switch(db)
    note_model(db, model)
    notes.put(db, UNTOLD, "yes")


def _tell(store: Store, held: Held, contacts: set[str]) -> None:
    """Let these contacts wait for the golden stage."""
    for some in chunks(sorted(contacts), 10_000):

        def work(db: Connection, some: list[str] = some) -> None:
            renew(db, held)
            mark_contacts(db, some, mark=time.time_ns())

        store.write(work)
    store.write(lambda db: notes.put(db, UNTOLD, "no"))


def _unmark(store: Store, held: Held, marked: tuple[Rows, Rows]) -> None:
    mark_of = dict(zip(*(one.tolist() for one in marked), strict=True))
    for some in chunks(mark_of, 10_000):

        def work(db: Connection, some: Sequence[int] = some) -> None:
            renew(db, held)
            rows = db.execute(_NAMED, {"ids": some})
            unmark(db, [(*row[:3], mark_of[row.id]) for row in rows])

        store.write(work)
