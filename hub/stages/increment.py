"""One increment of resolving: a bounded number of marked records, all they can touch, in one short transaction."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select, update

from dedupe.engine.coding import Hashes
from dedupe.engine.partition import KINDS, Partition, partition
from dedupe.engine.population import Population, hashes_from, population_of
from dedupe.engine.verdicts import JUDGEMENTS
from dedupe.engine.weights import Model
from hub.crashpoints import crashpoint
from hub.stages.crowds import Told, match_keys, popular_among, popular_keys
from hub.stages.golden import mark_contacts
from hub.stages.land import landed
from hub.stages.map import marks
from hub.stages.moves import Moves, Resolved, heirs, moves
from hub.stages.neighbourhood import Neighbourhood
from hub.stages.reaching import look_around
from hub.stages.reading import edges, members
from hub.store.derived.identity import ReviewItem
from hub.store.engine import Store
from hub.store.generation import Row
from hub.store.leases import Held, renew
from hub.store.sql import among, exchange_rows, insert_new, table

reviews = table(ReviewItem)

IS_MARKED = (
    (landed.c.connection == marks.c.connection)
    & (landed.c.stream == marks.c.stream)
    & (landed.c.external_id == marks.c.external_id)
)
_WAITING = (
    select(marks, landed.c.id, landed.c.heir)
    .outerjoin(landed, IS_MARKED)
    .order_by(marks.c.connection, marks.c.stream, marks.c.external_id)
    .limit(bindparam("most"))
)
_ANY = select(marks.c.mark).limit(1)
_UNMARK = delete(marks).where(
    marks.c.connection == bindparam("of"),
    marks.c.stream == bindparam("in"),
    marks.c.mark == bindparam("as"),
    among(marks.c.external_id, "ids"),
)
_NO_LONGER_POPULAR = delete(popular_keys).where(among(popular_keys.c.key, "keys"))
_STORED = {kept: select(kept).where(among(kept.c.left_id, "ids")) for kept in (edges, reviews)}
_NO_HEIR = update(landed).where(among(landed.c.id, "ids")).values(heir=None)
NAME_HEIR = update(landed).where(landed.c.id == bindparam("gone"), landed.c.heir.is_(None)).values(heir=bindparam("to"))


@dataclass(frozen=True, slots=True)
class Increment:
    """Marks, with everything they can touch, as read in one transaction."""

    waiting: Sequence[Any]
    around: Neighbourhood
    people: Population
    popular: Hashes


def waiting_marks(db: Connection, most: int) -> Sequence[Any]:
    """Up to so many marks with their records; without one for what has not landed yet."""
    return db.execute(_WAITING, {"most": most}).all()


def read_increment(db: Connection, waiting: Sequence[Any], model: Model) -> Increment:
    around = look_around(db, (row.id for row in waiting if row.id is not None), model)
    people = population_of(around.entries.values())
    return Increment(waiting, around, people, _popular(db, around, people))


def resolve_increment(store: Store, model: Model, held: Held, read: Increment) -> tuple[Resolved, bool]:
    """What came of it, and whether marks are left. Raises LeaseLost."""
    found = partition(read.people, read.popular, read.around.links, model)
    crashpoint("resolve.thought")

    def work(db: Connection) -> tuple[Resolved, bool]:
        done = _store(db, held, read.waiting, read.around, read.people, found)
        return done, db.execute(_ANY).first() is not None

    return store.write(work)


def _popular(db: Connection, around: Neighbourhood, people: Population) -> Hashes:
    found = popular_among(db, people.keys_that_matter())
    return hashes_from((found | around.became_popular) - around.became_usable)


def _store(
    db: Connection, held: Held, waiting: Sequence[Any], around: Neighbourhood, people: Population, found: Partition
) -> Resolved:
    renew(db, held)
    _store_keys(db, around, people)
    _store_pairs(db, around, people, found)
    contacts = contacts_found(people, found)
    outcome = _store_members(db, around, people, found, contacts)
    _name_heirs(db, around, waiting)
    touched = {around.before[one].contact_id for one in around.marked & around.before.keys()}
    touched |= {home for one, home in zip(people.ids.tolist(), contacts, strict=True) if one in around.marked}
    mark_contacts(db, touched | outcome.moved, mark=time.time_ns())
    unmark(db, [row[:4] for row in waiting])
    crashpoint("resolve.stored")
    return Resolved(len(waiting), outcome.created, outcome.merged, outcome.split)


def contacts_found(people: Population, found: Partition) -> list[str]:
    """The contact of each of the records, in their order."""
    return [people.birth_ids[row] for row in found.anchors.tolist()]


def unmark(db: Connection, waiting: Sequence[Any]) -> None:
    """Take these marks away, as rows of the table; what was marked anew since stays."""
    together: dict[tuple[str, str, int], list[str]] = defaultdict(list)
    for connection, stream, external_id, mark in waiting:
        together[connection, stream, mark].append(external_id)
    for (connection, stream, mark), ids in together.items():
        db.execute(_UNMARK, {"of": connection, "in": stream, "as": mark, "ids": ids})


def _store_keys(db: Connection, around: Neighbourhood, people: Population) -> None:
    exchange_rows(db, match_keys, _key_rows(around.held), _key_rows(around.arriving))
    if around.became_popular:
        values = people.value_keys()
        rows = [{"key": key, "is_value": key in values} for key in sorted(around.became_popular)]
        insert_new(db, popular_keys, rows)
    if around.became_usable:
        db.execute(_NO_LONGER_POPULAR, {"keys": around.became_usable})


def _key_rows(held: Mapping[int, Told]) -> set[Row]:
    return {(key, told, one) for one, keys in held.items() for key, told in keys.items()}


def _store_pairs(db: Connection, around: Neighbourhood, people: Population, found: Partition) -> None:
    """What is stored between two records of the neighbourhood, those that are gone included, becomes what was found."""
    inside = around.entries.keys() | around.before.keys()
    for kept, rows in ((edges, edge_rows(people, found)), (reviews, question_rows(people, found))):
        stored = db.execute(_STORED[kept], {"ids": around.before.keys()}).all() if around.before else ()
        exchange_rows(db, kept, {tuple(row) for row in stored if row[1] in inside}, set(rows))


def edge_rows(people: Population, found: Partition) -> Iterator[Row]:
    """The rows of match_edge, in the order of its columns."""
    kept = found.edges
    columns = (people.ids[kept.pairs.left], people.ids[kept.pairs.right], kept.judgements, kept.weights)
    for left, right, judgement, weight in zip(*(one.tolist() for one in columns), strict=True):
        yield left, right, JUDGEMENTS[judgement].value, weight


def question_rows(people: Population, found: Partition) -> Iterator[Row]:
    """The rows of review_item, in the order of its columns."""
    asked = found.questions
    columns = (people.ids[asked.pairs.left], people.ids[asked.pairs.right], asked.kinds, asked.weights)
    for at, (left, right, kind, weight) in enumerate(zip(*(one.tolist() for one in columns), strict=True)):
        yield left, right, KINDS[kind], weight, asked.news.get(at, "")


def _store_members(
    db: Connection, around: Neighbourhood, people: Population, found: Partition, contacts: Sequence[str]
) -> Moves:
    """Write who belongs to whom."""
    components = [people.birth_ids[row] for row in found.components.tolist()]
    now = {
        (one, contact, component, around.indexed_digest(around.entries[one]))
        for one, contact, component in zip(people.ids.tolist(), contacts, components, strict=True)
    }
    # who is gone keeps its place until its own turn
    before = {(one, *row) for one, row in around.before.items() if one in around.entries or one in around.marked}
    exchange_rows(db, members, before, now)
    return moves({row[0]: row[1] for row in before}, {row[0]: row[1] for row in now})


def _name_heirs(db: Connection, around: Neighbourhood, waiting: Sequence[Any]) -> None:
    """A record that left its contact for good names, once in a life, who inherits its public id.

    Also one whose own turn has not come: later its mates are gone to another contact.
    """
    if alive := [row.id for row in waiting if row.heir is not None and row.id in around.entries]:
        db.execute(_NO_HEIR, {"ids": alive})
    if around.before.keys() <= around.entries.keys():
        return
    oldest_first = sorted(around.entries.values(), key=lambda entry: (entry.born, entry.key))
    found = heirs(
        {one: row.contact_id for one, row in around.before.items()},
        ((entry.id, entry.birth_id) for entry in oldest_first),
    )
    if found:
        db.execute(NAME_HEIR, naming(found))


def naming(found: Mapping[int, str]) -> list[dict[str, Any]]:
    """What NAME_HEIR takes."""
    return [{"gone": one, "to": heir} for one, heir in found.items()]
