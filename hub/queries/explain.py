"""Explains why two records are, or are not, one person."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, select

from dedupe.engine.population import Entry, hashes_from
from dedupe.engine.telling import Shared, Step, best_pair
from dedupe.engine.verdicts import Judgement
from dedupe.engine.weights import Model
from dedupe.engine.words import evidence, reason
from dedupe.links import pair_of
from hub.queries import masks
from hub.queries.find import Found
from hub.queries.how import comparisons, held_by_both, name_of, popular_values
from hub.stages.reading import edges, entries, links_touching, members

MOST_RECORDS = 100
"""How many records of one contact are compared; the first ones in stable order."""


def explain(db: Connection, left: Found, right: Found, model: Model, masked: bool = False) -> dict[str, Any]:
    """The contract's document: judgement, weight in bits, comparisons, and a reason in plain words."""
    lefts, rights = _entries(db, left), _entries(db, right)
    unusable = popular_values(db, [*lefts, *rights])
    pair = best_pair(lefts, rights, hashes_from(one.key for one, _ in unusable), model)
    decided = _decided(db, pair)
    together = left.contact_id == right.contact_id
    document = {
        "left": name_of(pair.left),
        "right": name_of(pair.right),
        "one_contact": together,
        "judgement": decided or pair.verdict.judgement.value,
        "weight": pair.verdict.weight / 1000,
        "comparisons": comparisons(pair.verdict),
        "not_used": [f"{one.kind} {one.value}: shared by {count} different people" for one, count in unusable],
        "path": _path(db, pair.left.id, pair.right.id) if together else [],
        "reason": _reason(pair, decided, together, unusable, model),
    }
    return masks.explanation(document) if masked else document


def _entries(db: Connection, found: Found) -> list[Entry]:
    if found.record_id is not None:
        return list(entries(db, [found.record_id]).values())
    query = select(members.c.record_id).where(members.c.contact_id == found.contact_id)
    all_of_them = entries(db, db.execute(query).scalars()).values()
    return sorted(all_of_them, key=lambda entry: entry.key)[:MOST_RECORDS]


def _decided(db: Connection, pair: Step) -> str | None:
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
    return [name_of(steps[one]) for one in reversed(way) if one in steps]


def _reason(pair: Step, decided: str | None, together: bool, unusable: list[tuple[Shared, int]], model: Model) -> str:
    if decided:
        return reason(replace(pair.verdict, judgement=Judgement(decided)), model)
    unused = held_by_both(pair.left, pair.right, unusable)
    if together == (pair.verdict.judgement is Judgement.AUTOMATIC):
        return reason(pair.verdict, model, unused)
    told = evidence(pair.verdict, unused) or "There is nothing to compare."
    if together:
        return f"{told} These two are one contact through other records."
    return f"{told} They match, but joining them would join records that exclude each other."
