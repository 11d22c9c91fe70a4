"""One increment of resolving: a bounded number of marked records, all they can touch, in one short transaction."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Connection, Table, bindparam, delete, insert, select, update

from dedupe.engine.coding import Hashes
from dedupe.engine.partition import KINDS, Partition, partition
from dedupe.engine.population import Entry, Population, anchor_of, hashes_from, population_of
from dedupe.engine.verdicts import JUDGEMENTS
from dedupe.engine.weights import Model
from hub.stages.crowds import match_keys, popular_keys
from hub.stages.golden import mark_contacts
from hub.stages.land import landed
from hub.stages.map import marks
from hub.stages.moves import Moves, Resolved, moves
from hub.stages.neighbourhood import Neighbourhood, edges, look_around
from hub.stages.reading import members
from hub.store.derived.identity import ReviewItem
from hub.store.engine import Store
from hub.store.generation import Row
from hub.store.leases import Held, renew
from hub.store.sql import among, insert_new, table

reviews = table(ReviewItem)

_WAITING = (
    select(marks, landed.c.id, landed.c.heir)
    .outerjoin(
        landed,
        (landed.c.connection == marks.c.connection)
        & (landed.c.stream == marks.c.stream)
        & (landed.c.external_id == marks.c.external_id),
    )
    .order_by(marks.c.connection, marks.c.stream, marks.c.external_id)
    .limit(bindparam("most"))
)
_ANY = select(marks.c.mark).limit(1)
UNMARK = delete(marks).where(
    marks.c.connection == bindparam("of"),
    marks.c.stream == bindparam("in"),
    marks.c.external_id == bindparam("is"),
    marks.c.mark == bindparam("as"),
)
_FORGET_KEYS = delete(match_keys).where(among(match_keys.c.record_id, "ids"))
_NO_LONGER_POPULAR = delete(popular_keys).where(among(popular_keys.c.key, "keys"))
_LEAVE = delete(members).where(among(members.c.record_id, "ids"))
_FORGET_PAIRS = [
    # + 0 keeps SQLite from looking up every left with every right in the primary key
    delete(kept).where(among(kept.c.left_id, "ids"), among(kept.c.right_id + 0, "others"))
    for kept in (edges, reviews)
]
_NO_HEIR = update(landed).where(among(landed.c.id, "ids")).values(heir=None)
_NAME_HEIR = (
    update(landed).where(landed.c.id == bindparam("gone"), landed.c.heir.is_(None)).values(heir=bindparam("to"))
)


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

    def work(db: Connection) -> tuple[Resolved, bool]:
        done = _store(db, held, read.waiting, read.around, read.people, found)
        return done, db.execute(_ANY).first() is not None

    return store.write(work)


def _popular(db: Connection, around: Neighbourhood, people: Population) -> Hashes:
    keys = {key for told in people.keys_told().values() for key in told}
    return hashes_from(around.popular_among(db, keys))


def _store(
    db: Connection, held: Held, waiting: Sequence[Any], around: Neighbourhood, people: Population, found: Partition
) -> Resolved:
    renew(db, held)
    _store_keys(db, around, people)
    _store_pairs(db, around, people, found)
    contacts = [people.birth_ids[row] for row in found.anchors.tolist()]
    outcome = _store_members(db, around, people, found, contacts)
    _name_heirs(db, around, waiting)
    touched = {around.before[one].contact_id for one in around.marked & around.before.keys()}
    touched |= {home for one, home in zip(people.ids.tolist(), contacts, strict=True) if one in around.marked}
    mark_contacts(db, touched | outcome.moved, mark=time.time_ns())
    db.execute(UNMARK, unmarking(waiting))
    return Resolved(len(waiting), outcome.created, outcome.merged, outcome.split)


def unmarking(waiting: Iterable[Any]) -> list[dict[str, Any]]:
    """What UNMARK takes of rows that begin with connection, stream, external id and mark."""
    return [dict(zip(("of", "in", "is", "as"), row[:4], strict=True)) for row in waiting]


def _store_keys(db: Connection, around: Neighbourhood, people: Population) -> None:
    if around.changed:
        db.execute(_FORGET_KEYS, {"ids": around.changed})
    fresh = sorted((key, told, one) for one, keys in around.arriving.items() for key, told in keys.items())
    _insert(db, match_keys, fresh)
    if around.became_popular:
        values = people.value_keys()
        rows = [{"key": key, "is_value": key in values} for key in sorted(around.became_popular)]
        insert_new(db, popular_keys, rows)
    if around.became_usable:
        db.execute(_NO_LONGER_POPULAR, {"keys": around.became_usable})


def _store_pairs(db: Connection, around: Neighbourhood, people: Population, found: Partition) -> None:
    """Replace what is stored between two records of the neighbourhood, and everything of records that are gone."""
    inside = around.entries.keys() | around.before.keys()
    if around.before:
        for forget in _FORGET_PAIRS:
            db.execute(forget, {"ids": inside, "others": inside})
    _insert(db, edges, edge_rows(people, found))
    _insert(db, reviews, question_rows(people, found))


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


def _insert(db: Connection, into: Table, rows: Iterable[Row]) -> None:
    names = [column.name for column in into.columns]
    if named := [dict(zip(names, row, strict=True)) for row in rows]:
        db.execute(_inserting(into), named)


_inserting = cache(insert)


def _store_members(
    db: Connection, around: Neighbourhood, people: Population, found: Partition, contacts: Sequence[str]
) -> Moves:
    """Write who belongs to whom; rows that stay as they are are not touched."""
    components = [people.birth_ids[row] for row in found.components.tolist()]
    now = {
        one: (contact, component, around.indexed_digest(around.entries[one]))
        for one, contact, component in zip(people.ids.tolist(), contacts, components, strict=True)
    }
    before = {
        one: (row.contact_id, row.component, row.feature_hash)
        for one, row in around.before.items()
        if one in now or one in around.marked
    }
    different = {one for one in now.keys() | before.keys() if now.get(one) != before.get(one)}
    if leaving := different & before.keys():
        db.execute(_LEAVE, {"ids": leaving})
    _insert(db, members, ((one, *now[one]) for one in sorted(different & now.keys())))
    return moves({one: row[0] for one, row in before.items()}, {one: row[0] for one, row in now.items()})


def _name_heirs(db: Connection, around: Neighbourhood, waiting: Sequence[Any]) -> None:
    """A record that left its contact for good names, once in a life, who inherits its public id.

    Also one whose own turn has not come: later its mates are gone to another contact.
    """
    if alive := [row.id for row in waiting if row.heir is not None and row.id in around.entries]:
        db.execute(_NO_HEIR, {"ids": alive})
    if heirs := heirs_of(around.before, around.entries):
        db.execute(_NAME_HEIR, [{"gone": one, "to": heir} for one, heir in heirs.items()])


def heirs_of(before: Mapping[int, Any], entries: Mapping[int, Entry]) -> dict[int, str]:
    """By record that is gone, the birth id of the oldest that is left of its contact. `before`: membership rows."""
    gone = sorted(before.keys() - entries.keys())
    if not gone:
        return {}
    mates: dict[str, list[Entry]] = defaultdict(list)
    for one in before.keys() & entries.keys():
        mates[before[one].contact_id].append(entries[one])
    left = {one: mates.get(before[one].contact_id) for one in gone}
    return {one: anchor_of(some).birth_id for one, some in left.items() if some}
