"""Explains why two records are, or are not, one person."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, select

from dedupe.features import Entry
from dedupe.judgement import Judgement, Verdict, judge, without_popular
from dedupe.keys import Key, keys_of
from dedupe.links import pair_of
from dedupe.model import Model
from hub.queries.find import Found
from hub.stages.neighbourhood import match_keys, popular_keys
from hub.stages.reading import entries, links_touching, members
from hub.stages.resolve import edges
from hub.store.sql import chunks

MOST_RECORDS = 100
"""How many records of one contact are compared; the first ones in stable order."""


def explain(db: Connection, left: Found, right: Found, model: Model) -> dict[str, Any]:
    """The contract's document: judgement, weight in bits, comparisons, and a reason in plain words."""
    lefts, rights = _entries(db, left), _entries(db, right)
    unusable = _popular(db, [*lefts, *rights])
    pair = _best_pair(lefts, rights, set(unusable), model)
    decided = _decided(db, pair)
    together = left.contact_id == right.contact_id
    return {
        "left": _name(pair.left),
        "right": _name(pair.right),
        "one_contact": together,
        "judgement": decided or pair.verdict.judgement.value,
        "weight": pair.verdict.weight / 1000,
        "comparisons": [
            {"field": one.field, "level": one.level, "left": one.left, "right": one.right, "weight": one.weight / 1000}
            for one in pair.verdict.comparisons
        ],
        "not_used": [f"{key.kind} {key.value}: shared by {count} different people" for key, count in unusable.values()],
        "path": _path(db, pair.left.id, pair.right.id) if together else [],
        "reason": _reason(pair, decided, together),
    }


@dataclass(frozen=True, slots=True)
class _Pair:
    left: Entry
    right: Entry
    verdict: Verdict


def _entries(db: Connection, found: Found) -> list[Entry]:
    if found.record_id is not None:
        return list(entries(db, [found.record_id]).values())
    query = select(members.c.record_id).where(members.c.contact_id == found.contact_id)
    all_of_them = entries(db, db.execute(query).scalars()).values()
    return sorted(all_of_them, key=lambda entry: entry.key)[:MOST_RECORDS]


def _popular(db: Connection, compared: list[Entry]) -> dict[int, tuple[Key, int]]:
    """The popular keys among these records' values, with how many distinct people hold each."""
    keys = {key.hash: key for entry in compared for key in keys_of(entry.features)}
    found: dict[int, tuple[Key, int]] = {}
    for some in chunks(sorted(keys)):
        for popular in db.execute(select(popular_keys.c.key).where(popular_keys.c.key.in_(some))).scalars():
            holders = select(func.count(match_keys.c.signature.distinct())).where(match_keys.c.key == popular)
            found[popular] = (keys[popular], db.execute(holders).scalar_one())
    return found


def _best_pair(lefts: list[Entry], rights: list[Entry], popular: set[int], model: Model) -> _Pair:
    """The pair of two different records that speaks loudest for one person."""
    judged = [
        _Pair(left, right, _judge(left, right, popular, model))
        for left in lefts
        for right in rights
        if left.id != right.id or len(lefts) == len(rights) == 1
    ]
    return max(judged, key=lambda pair: (pair.verdict.weight, pair.left.key, pair.right.key))


def _judge(left: Entry, right: Entry, popular: set[int], model: Model) -> Verdict:
    a, b = without_popular(left.features, popular), without_popular(right.features, popular)
    share_a_key = bool(set(keys_of(a)) & set(keys_of(b)))
    return judge(a, b, model, candidate=share_a_key)


def _decided(db: Connection, pair: _Pair) -> str | None:
    links = links_touching(db, [pair.left.birth_id, pair.right.birth_id])
    these = pair_of(pair.left.birth_id, pair.right.birth_id)
    if these in links.cannot:
        return Judgement.APART.value
    return Judgement.MERGED.value if these in links.must else None


def _path(db: Connection, start: int, goal: int) -> list[str]:
    """The records through which two members of one contact are joined, shortest way first found."""
    before: dict[int, int] = {start: start}
    queue = deque([start])
    while queue and goal not in before:
        here = queue.popleft()
        joined = edges.c.judgement.in_([Judgement.AUTOMATIC.value, Judgement.MERGED.value])
        touching = (edges.c.left_id == here) | (edges.c.right_id == here)
        for row in db.execute(select(edges.c.left_id, edges.c.right_id).where(touching, joined)):
            other = row.right_id if row.left_id == here else row.left_id
            if other not in before:
                before[other] = here
                queue.append(other)
    if goal not in before:
        return []
    way = [goal]
    while way[-1] != start:
        way.append(before[way[-1]])
    steps = entries(db, way)
    return [_name(steps[one]) for one in reversed(way) if one in steps]


def _name(entry: Entry) -> str:
    return ":".join(part.decode("utf-8", "replace") for part in entry.key)


def _reason(pair: _Pair, decided: str | None, together: bool) -> str:
    if decided == Judgement.MERGED:
        return "a person decided that they are one"
    if decided == Judgement.APART:
        return "a person decided that they are not one"
    told = ", ".join(f"{one.field}: {one.level}" for one in pair.verdict.comparisons) or "nothing in common to compare"
    if together and pair.verdict.judgement is not Judgement.AUTOMATIC:
        return f"one contact through other records; between these two: {told}"
    if not together and pair.verdict.judgement is Judgement.AUTOMATIC:
        return f"they match ({told}), but joining them would join records that exclude each other"
    return told
