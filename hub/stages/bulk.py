"""Everything resolved at once: the way of a first load, of another model, and of more marks than increments are for.

Law: the outcome is that of increments. The lease is held throughout; nothing that is in use changes before the switch.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import Connection, bindparam, select, update

from dedupe.engine.coding import Hashes
from dedupe.engine.keys import is_in
from dedupe.engine.partition import Partition, partition
from dedupe.engine.population import Population, hashes_from, signed
from dedupe.engine.record import Features, columns_of
from dedupe.engine.resolving import popular_in, prepare
from dedupe.engine.weights import Model
from dedupe.links import Links
from hub.stages import notes
from hub.stages.anew import note_model
from hub.stages.crowds import is_crowded, match_keys, popular_keys, said_of_keys
from hub.stages.golden import mark_contacts
from hub.stages.increment import MARKED, UNMARK, edge_rows, question_rows, reviews, unmarking
from hub.stages.land import landed
from hub.stages.map import people
from hub.stages.moves import Resolved, moves
from hub.stages.neighbourhood import digest_of_features, edges
from hub.stages.reading import ENTRY_COLUMNS, all_links, members
from hub.store.engine import Store
from hub.store.generation import Generation
from hub.store.leases import Held, renew
from hub.store.sql import chunks

UNTOLD = "identity_untold"
"""A note: "yes" while not all contacts of a new generation are marked for the golden stage."""

_EVERYONE = (
    select(*ENTRY_COLUMNS)
    .order_by(people.c.connection, people.c.stream, people.c.external_id)
    .execution_options(yield_per=10_000)
)
_BEFORE = select(members.c.record_id, members.c.contact_id)
_ALIVE_AGAIN = (
    update(landed).where(landed.c.heir.is_not(None), landed.c.id.in_(select(people.c.record_id))).values(heir=None)
)
_NAME_HEIR = (
    update(landed).where(landed.c.id == bindparam("gone"), landed.c.heir.is_(None)).values(heir=bindparam("to"))
)


@dataclass(frozen=True, slots=True)
class _Read:
    """All there is, as of one moment."""

    people: Population
    digests: list[int]
    popular: Hashes
    links: Links
    marked: Sequence[Any]
    before: dict[int, str]


def resolve_everything(store: Store, model: Model, held: Held) -> Resolved:
    """Resolve every record, marked or not, and work off the marks. Raises LeaseLost."""
    with _without_collector():
        read = _read(store, model)
        found = partition(read.people, read.popular, read.links, model)
    contacts = [read.people.birth_ids[row] for row in found.anchors.tolist()]
    now = dict(zip(read.people.ids.tolist(), contacts, strict=True))
    outcome = moves(read.before, now)
    touched = {home[row.id] for row in read.marked for home in (read.before, now) if row.id in home}
    _name_heirs(store, held, read)
    beside = Generation(store, (match_keys, popular_keys, members, edges, reviews), lambda db: renew(db, held))
    beside.begin()
    _fill(beside, read, found, contacts)
    beside.finish()
    store.write(lambda db: _switch(db, beside, model))
    _tell(store, held, touched | outcome.moved)
    _unmark(store, held, read.marked)
    return Resolved(len(read.marked), outcome.created, outcome.merged, outcome.split)


@contextmanager
def _without_collector() -> Iterator[None]:
    """Millions of texts that all live make the search for garbage the larger part of the work."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def tell_if_interrupted(store: Store, held: Held) -> None:
    """Let every contact wait for the golden stage, where a switch was made and its end is not known."""
    with store.read() as db:
        if notes.get(db, UNTOLD) != "yes":
            return
        everyone = set(db.execute(select(members.c.contact_id).distinct()).scalars())
    _tell(store, held, everyone)


def _read(store: Store, model: Model) -> _Read:
    with store.read() as db:
        marked = db.execute(MARKED).all()
        before = {row.record_id: row.contact_id for row in db.execute(_BEFORE)}
        links, said = all_links(db), said_of_keys(db)
        everyone, digests = _population(db.execute(_EVERYONE))
    return _Read(everyone, digests, _popular(everyone, said, model), links, marked, before)


def _population(rows: Any) -> tuple[Population, list[int]]:
    ids, births, born = [], [], []
    features: list[Features] = []
    for row in rows:
        ids.append(row.record_id)
        births.append(row.birth_id)
        born.append(row.born)
        features.append(Features(*row.features))
    ready = prepare(columns_of(features))
    digests = [digest_of_features(one) for one in features]
    return Population(np.array(ids, np.int64), births, np.array(born, np.int64), ready), digests


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
    alive = set(read.people.ids.tolist())
    gone = sorted(read.before.keys() - alive)
    _, ranks = read.people.ages
    oldest: dict[str, int] = {}
    for row, one in enumerate(read.people.ids.tolist()):
        if (home := read.before.get(one)) is not None and ranks[row] < ranks[oldest.setdefault(home, row)]:
            oldest[home] = row
    heirs = [
        {"gone": one, "to": read.people.birth_ids[oldest[home]]} for one in gone if (home := read.before[one]) in oldest
    ]

    def work(db: Connection) -> None:
        renew(db, held)
        db.execute(_ALIVE_AGAIN)
        if heirs:
            db.execute(_NAME_HEIR, heirs)

    store.write(work)


def _fill(beside: Generation, read: _Read, found: Partition, contacts: Sequence[str]) -> None:
    births, values = read.people.birth_ids, hashes_from(read.people.value_keys())
    components = [births[row] for row in found.components.tolist()]
    ids = read.people.ids
    beside.fill(match_keys, _key_rows(read.people))
    beside.fill(popular_keys, zip(signed(read.popular), is_in(read.popular, values).tolist(), strict=True))
    order = np.argsort(ids).tolist()
    whole = list(zip(ids.tolist(), contacts, components, read.digests, strict=True))
    beside.fill(members, (whole[row] for row in order))
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


def _unmark(store: Store, held: Held, marked: Sequence[Any]) -> None:
    for some in chunks(marked, 10_000):

        def work(db: Connection, some: Sequence[Any] = some) -> None:
            renew(db, held)
            db.execute(UNMARK, unmarking(some))

        store.write(work)
