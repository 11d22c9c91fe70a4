"""The queue of open questions: pairs that the resolver will not decide alone, and values that too many people share."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, func, select

from dedupe.engine.population import Entry
from dedupe.engine.weights import Model
from dedupe.links import pair_of
from hub.queries.how import name_of, told_of_question
from hub.queries.review_queue import POPULAR_VALUE, Asked, some_questions
from hub.queries.values import MOST_COUNTED, Popular, popular_value
from hub.stages.reading import decision_links, decisions, entries, members
from hub.store.sql import among

_HOMES = select(members.c.record_id, members.c.contact_id).where(among(members.c.record_id, "ids"))
_NEWEST_ABOUT = (
    select(func.max(decisions.c.id))
    .join(decision_links, decision_links.c.decision_id == decisions.c.id)
    .where(decisions.c.revoked_at.is_(None))
    .where(decision_links.c.left_id == bindparam("left"), decision_links.c.right_id == bindparam("right"))
)


def open_items(db: Connection, model: Model, limit: int) -> list[dict[str, Any]]:
    """Up to `limit` questions: conflicts, reopened decisions, popular values, then the other pairs, by weight.

    Each has a kind, a reason in plain words and the commands that answer it. A pair has its two records, their
    contacts, its weight in bits; a popular value has its own kind, itself, and how many different people hold it.
    """
    asked = some_questions(db, limit)
    pairs = [one for one in asked if one.kind != POPULAR_VALUE]
    found = entries(db, {record for one in pairs for record in (one.left, one.right)})
    homes = {row.record_id: row.contact_id for row in db.execute(_HOMES, {"ids": found.keys()})}
    items = (_item(db, model, one, found, homes) for one in asked)
    return [item for item in items if item is not None]


def _item(
    db: Connection, model: Model, asked: Asked, found: Mapping[int, Entry], homes: Mapping[int, str]
) -> dict[str, Any] | None:
    if asked.kind == POPULAR_VALUE:
        value = popular_value(db, asked.left)
        return _value_item(value) if value else None
    if asked.left not in homes or asked.right not in homes:
        return None
    return _pair_item(db, model, asked, (found[asked.left], found[asked.right]), homes)


def _pair_item(
    db: Connection, model: Model, row: Asked, pair: tuple[Entry, Entry], homes: Mapping[int, str]
) -> dict[str, Any]:
    contacts = [homes[one.id] for one in pair]
    names = [name_of(one) for one in pair]
    item: dict[str, Any] = {
        "kind": row.kind,
        "left": names[0],
        "right": names[1],
        "contacts": contacts,
        "weight": row.weight / 1000,
        "reason": told_of_question(db, row.kind, row.news, *pair, model),
    }
    if row.kind == "reopened":
        item["decision"] = decision_about(db, pair)
    return item | {"commands": _commands(contacts, names, item.get("decision"))}


def _commands(contacts: Sequence[str], names: Sequence[str], decision: int | None) -> list[str]:
    undoing = [f"hub undo {decision}"] if decision else []
    if contacts[0] != contacts[1]:
        return [f"hub merge {' '.join(contacts)}", f"hub apart {' '.join(contacts)}", *undoing]
    quoted = [shlex.quote(name) for name in names]
    return [f"hub merge {' '.join(quoted)}", f"hub split {quoted[1]}", *undoing]


def decision_about(db: Connection, pair: tuple[Entry, Entry]) -> int | None:
    """The newest decision in force that names just these two records."""
    left, right = pair_of(pair[0].birth_id, pair[1].birth_id)
    return db.execute(_NEWEST_ABOUT, {"left": left, "right": right}).scalar()


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
