"""The queue of open questions: pairs that the resolver will not decide alone, and values that too many people share."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, case, func, select

from dedupe.engine.population import Entry
from dedupe.engine.weights import Model
from dedupe.links import pair_of
from hub.queries.how import name_of, told_of_question
from hub.queries.values import MOST_COUNTED, Popular, open_popular_values
from hub.stages.increment import reviews
from hub.stages.reading import decision_links, decisions, entries, members
from hub.store.sql import among

URGENT = ("conflict", "reopened")
"""Where something is wrong already, or is not as somebody said: asked before everything else."""

POPULAR_VALUE = "popular_value"

_IS_URGENT = reviews.c.kind.in_(URGENT)
_LOUDEST = (reviews.c.weight.desc(), reviews.c.left_id, reviews.c.right_id)
_CONFLICTS_FIRST = case((reviews.c.kind == URGENT[0], 0), else_=1)
_HOMES = select(members.c.record_id, members.c.contact_id).where(among(members.c.record_id, "ids"))


def open_items(db: Connection, model: Model, limit: int) -> list[dict[str, Any]]:
    """Up to `limit` questions: conflicts, reopened decisions, popular values, then the other pairs, by weight.

    Each has a kind, a reason in plain words and the commands that answer it. A pair has its two records, their
    contacts, its weight in bits; a popular value has its own kind, itself, and how many different people hold it.
    """
    urgent = _pairs(db, model, select(reviews).where(_IS_URGENT).order_by(_CONFLICTS_FIRST, *_LOUDEST).limit(limit))
    popular = [_value_item(one) for one in open_popular_values(db, limit - len(urgent))]
    left = limit - len(urgent) - len(popular)
    return urgent + popular + _pairs(db, model, select(reviews).where(~_IS_URGENT).order_by(*_LOUDEST).limit(left))


def _pairs(db: Connection, model: Model, asked: Any) -> list[dict[str, Any]]:
    rows = db.execute(asked).all()
    found = entries(db, {one for row in rows for one in (row.left_id, row.right_id)})
    homes = {row.record_id: row.contact_id for row in db.execute(_HOMES, {"ids": found.keys()})}
    return [
        _pair_item(db, model, row, (found[row.left_id], found[row.right_id]), homes)
        for row in rows
        if row.left_id in homes and row.right_id in homes
    ]


def _pair_item(
    db: Connection, model: Model, row: Any, pair: tuple[Entry, Entry], homes: Mapping[int, str]
) -> dict[str, Any]:
    contacts = [homes[one.id] for one in pair]
    names = [name_of(one) for one in pair]
    item = {
        "kind": row.kind,
        "left": names[0],
        "right": names[1],
        "contacts": contacts,
        "weight": row.weight / 1000,
        "reason": told_of_question(db, row.kind, row.news, *pair, model),
    }
    if row.kind == "reopened":
        item["decision"] = _decision_about(db, pair)
    return item | {"commands": _commands(contacts, names, item.get("decision"))}


def _commands(contacts: Sequence[str], names: Sequence[str], decision: int | None) -> list[str]:
    undoing = [f"hub undo {decision}"] if decision else []
    if contacts[0] != contacts[1]:
        return [f"hub merge {' '.join(contacts)}", f"hub apart {' '.join(contacts)}", *undoing]
    quoted = [shlex.quote(name) for name in names]
    return [f"hub merge {' '.join(quoted)}", f"hub split {quoted[1]}", *undoing]


def _decision_about(db: Connection, pair: tuple[Entry, Entry]) -> int | None:
    """The newest decision in force that names just these two records."""
    left, right = pair_of(pair[0].birth_id, pair[1].birth_id)
    query = (
        select(func.max(decisions.c.id))
        .join(decision_links, decision_links.c.decision_id == decisions.c.id)
        .where(decisions.c.revoked_at.is_(None), decision_links.c.left_id == left, decision_links.c.right_id == right)
    )
    return db.execute(query).scalar()


def _value_item(one: Popular) -> dict[str, Any]:
    many = f"{one.people} or more" if one.people == MOST_COUNTED else f"{one.people}"
    value = shlex.quote(one.value)
    return {
        "kind": POPULAR_VALUE,
        "value_kind": one.kind,
        "value": one.value,
        "people": one.people,
        "reason": f"{many} different people have it, so that it joins nobody. Do they share it, or is it good?",
        "commands": [f"hub value shared {value}", f"hub value good {value}"],
    }
