"""All records of a pair's two contacts: who is joined by what, and the one link on which each half hangs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, select

from dedupe.engine.verdicts import Judgement
from hub.access.masking import mask_value
from hub.queries.review_pair import NoSuchPair
from hub.stages.land import landed
from hub.stages.map import people
from hub.stages.reading import edges, members
from hub.store.sql import among

MOST = 50
"""Records that are shown; of larger contacts the oldest."""

FIELDS = ("name", "emails", "phones", "addresses", "date_of_birth", "identifiers", "company")


@dataclass(frozen=True, slots=True)
class Member:
    """One record, the contact that it is in, and its fields, masked where they must be."""

    record_id: int
    source: str
    contact_id: str
    fields: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Tie:
    """What joins two records; `beyond`: the records that hang on a bridge, on its far side from the oldest."""

    left: int
    right: int
    weight: float
    by_hand: bool
    beyond: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Cluster:
    members: Sequence[Member]
    ties: Sequence[Tie]
    contacts: tuple[str, ...]
    is_whole: bool
    shown: str
    masked: bool

    @property
    def bridge(self) -> Tie | None:
        """The weakest link that a group of records hangs on: where to split first, if anywhere."""
        bridges = [tie for tie in self.ties if tie.beyond and not tie.by_hand]
        return min(bridges, key=lambda tie: tie.weight, default=None)


_TIES = select(edges).where(
    among(edges.c.left_id, "ids"), edges.c.judgement.in_([Judgement.AUTOMATIC.value, Judgement.MERGED.value])
)


def cluster_of(db: Connection, left: int, right: int, masked: bool) -> Cluster:
    """Raises NoSuchPair."""
    homes = select(members.c.contact_id).where(members.c.record_id.in_((left, right)))
    contacts = tuple(sorted(set(db.execute(homes).scalars())))
    query = (
        select(people, members.c.contact_id, landed.c.content_hash)
        .join(members, members.c.record_id == people.c.record_id)
        .join(landed, landed.c.id == people.c.record_id)
        .where(members.c.contact_id.in_(contacts))
        .order_by(people.c.born, people.c.record_id)
        .limit(MOST + 1)
    )
    rows = db.execute(query).all()
    if not {left, right} <= {row.record_id for row in rows}:
        raise NoSuchPair("one of these two records is gone, or their contacts are too large to be shown")
    told = repr([(row.record_id, row.contact_id, row.content_hash) for row in rows])
    found = [_member(row, masked) for row in rows[:MOST]]
    ties = _ties(db, [one.record_id for one in found])
    digest = sha256(told.encode()).hexdigest()[:32]
    return Cluster(found, ties, contacts, len(rows) <= MOST, digest, masked)


def _member(row: Any, masked: bool) -> Member:
    fields = {name: row.fields[name] for name in FIELDS if row.fields.get(name)}
    if masked:
        fields = {name: mask_value(name, value) for name, value in fields.items()}
    source = f"{row.connection}:{row.stream}:{row.external_id}"
    return Member(row.record_id, source, row.contact_id, fields)


def _ties(db: Connection, ids: Sequence[int]) -> list[Tie]:
    inside = set(ids)
    rows = [row for row in db.execute(_TIES, {"ids": ids}) if row.right_id in inside]
    pairs = [(row.left_id, row.right_id) for row in rows]
    return [
        Tie(
            row.left_id,
            row.right_id,
            row.weight / 1000,
            row.judgement == Judgement.MERGED.value,
            _beyond(ids, pairs, (row.left_id, row.right_id)),
        )
        for row in rows
    ]


def _beyond(ids: Sequence[int], pairs: Sequence[tuple[int, int]], tie: tuple[int, int]) -> tuple[int, ...]:
    """The records that only this link joins to the rest; none where there is another way round."""
    others = [pair for pair in pairs if pair != tie]
    near = _reached(tie[0], others)
    if tie[1] in near:
        return ()
    far = _reached(tie[1], others)
    oldest = next(one for one in ids if one in near or one in far)
    return tuple(one for one in ids if one in (far if oldest in near else near))


def _reached(start: int, pairs: Iterable[tuple[int, int]]) -> set[int]:
    beside: dict[int, list[int]] = defaultdict(list)
    for one, other in pairs:
        beside[one].append(other)
        beside[other].append(one)
    found, waiting = {start}, [start]
    while waiting:
        for other in beside[waiting.pop()]:
            if other not in found:
                found.add(other)
                waiting.append(other)
    return found
