"""How a contact came to be, step by step, and what a person is asked about it, in plain words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, select, union

from dedupe.engine.population import Entry, hashes_from
from dedupe.engine.telling import Shared, Step, best_pair, shared_values, steps
from dedupe.engine.verdicts import Verdict
from dedupe.engine.weights import Model
from dedupe.engine.words import Unused, evidence, not_used, words
from dedupe.survivorship import Source
from hub.queries.values import different_people
from hub.stages.crowds import decision_values, popular_among
from hub.stages.increment import reviews
from hub.stages.reading import decision_links, decision_pins, decisions, entries, links_touching, members
from hub.store.sql import among

MOST_STEPS = 200
"""How many steps of one contact are told, the heaviest first."""

_ASKED = union(
    *(
        select(reviews).join(members, members.c.record_id == side).where(members.c.contact_id == bindparam("contact"))
        for side in (reviews.c.left_id, reviews.c.right_id)
    )
)
_HOMES = select(members.c.record_id, members.c.contact_id).where(among(members.c.record_id, "ids"))
_DECISIONS = (
    select(decisions)
    .join(decision_links, decision_links.c.decision_id == decisions.c.id)
    .where(among(decision_links.c.left_id, "births") | among(decision_links.c.right_id, "births"))
)
_SAID = select(decisions, decision_values.c.kind.label("of"), decision_values.c.value).join(
    decision_values, decision_values.c.decision_id == decisions.c.id
)
_PINNED = (
    select(decisions, decision_pins.c.field, decision_pins.c.value)
    .join(decision_pins, decision_pins.c.decision_id == decisions.c.id)
    .where(among(decision_pins.c.birth_id, "births"))
    .order_by(decisions.c.id, decision_pins.c.field)
)
TELLING = {
    "possible_match": "They may be one person.",
    "conflict": "They match, but are hardly one person, or joining them would join records that exclude each other.",
    "ambiguous": "It matches two people who exclude each other.",
    "oversized": "So many records match in a chain that only the strongest matches were merged.",
    "reopened": "What the records say has changed since a person decided about them",
}


def steps_of(db: Connection, contact: Sequence[Entry], model: Model) -> list[dict[str, Any]]:
    """The judged pairs inside a contact, heaviest first, then the decisions that name its records."""
    links = links_touching(db, [entry.birth_id for entry in contact])
    unused = popular_values(db, contact)
    found = list(steps(contact, hashes_from(one.key for one, _ in unused), links, model))
    found.sort(key=lambda step: (-step.verdict.weight, step.left.key, step.right.key))
    return [_match(step, unused) for step in found[:MOST_STEPS]] + _decisions(db, contact)


def _match(step: Step, unused: Sequence[tuple[Shared, int]]) -> dict[str, Any]:
    told, shared = step.verdict, held_by_both(step.left, step.right, unused)
    return {
        "step": "match",
        "left": name_of(step.left),
        "right": name_of(step.right),
        "judgement": told.judgement.value,
        "weight": told.weight / 1000,
        "comparisons": comparisons(told),
        "not_used": [not_used(one) for one in shared],
        "reason": evidence(told, shared),
    }


def comparisons(told: Verdict) -> list[dict[str, Any]]:
    return [
        {
            "field": one.field,
            "level": one.level,
            "left": one.left,
            "right": one.right,
            "weight": one.weight / 1000,
            "words": words(one),
        }
        for one in told.comparisons
    ]


def name_of(entry: Entry | Source) -> str:
    """A record as people write it: connection:stream:external id."""
    return ":".join(part.decode("utf-8", "replace") for part in entry.key)


def popular_values(db: Connection, compared: Iterable[Entry]) -> list[tuple[Shared, int]]:
    """The popular ones among these records' values, with how many different people hold each."""
    return popular_ones(db, {one.key: one for one in shared_values(compared)})


def popular_ones(db: Connection, values: Mapping[int, Shared]) -> list[tuple[Shared, int]]:
    """As `popular_values`, of values that are known by their keys."""
    return [(values[key], different_people(db, key)) for key in sorted(popular_among(db, values.keys()))]


def held_by_both(left: Entry, right: Entry, unused: Sequence[tuple[Shared, int]]) -> list[Unused]:
    """The popular values that two records share."""
    if not unused:
        return []
    both = [{value.key for value in shared_values([one])} for one in (left, right)]
    return [Unused(one.kind, count) for one, count in unused if one.key in both[0] & both[1]]


def questions_of(db: Connection, contact_id: str, model: Model) -> list[dict[str, Any]]:
    """What a person is asked about this contact and another one, in the order of the records.

    `with`: the other contact; or this one, where the question is whether it is one at all.
    """
    asked = db.execute(_ASKED, {"contact": contact_id}).all()
    here = entries(db, {one for row in asked for one in (row.left_id, row.right_id)})
    homes = {row.record_id: row.contact_id for row in db.execute(_HOMES, {"ids": here.keys()})}
    unused = popular_values(db, here.values()) if asked else []
    found = []
    for row in sorted(asked):
        left, right = row.left_id, row.right_id
        other = right if homes.get(left) == contact_id else left
        if other in homes and left in here and right in here:
            told = _told(row.kind, row.news, (here[left], here[right]), unused, model)
            found.append({"kind": row.kind, "reason": told, "weight": row.weight / 1000, "with": homes[other]})
    return found


def told_of_question(db: Connection, kind: str, news: str, left: Entry, right: Entry, model: Model) -> str:
    """Why a person is asked about two records, with what speaks for one person and what against."""
    return _told(kind, news, (left, right), popular_values(db, [left, right]), model)


def _told(kind: str, news: str, pair: tuple[Entry, Entry], unused: Sequence[tuple[Shared, int]], model: Model) -> str:
    """`unused`: the popular values of these two, and maybe of others."""
    left, right = pair
    told = TELLING.get(kind, kind)
    why = f"{told}: {news}." if news else told
    verdict = best_pair([left], [right], hashes_from(one.key for one, _ in unused), model).verdict
    return f"{why} {evidence(verdict, held_by_both(left, right, unused))}".strip()


def _decisions(db: Connection, contact: Sequence[Entry]) -> list[dict[str, Any]]:
    return [
        {
            "step": row.kind,
            "decision": row.id,
            "about": about,
            "author": row.author,
            "reason": row.reason,
            "at": row.decided_at,
            "undone": row.revoked_at is not None,
        }
        for row, about in decisions_about(db, contact)
    ]


def decisions_about(db: Connection, contact: Sequence[Entry]) -> list[tuple[Any, str]]:
    """The decisions that name these records, or a value or a field of theirs; undone ones too. Oldest first.

    Each with what it is about: "" for one about records, else "email alice@example.com", "job_title director".
    """
    births = {"births": [one.birth_id for one in contact]}
    rows = [(row, "") for row in db.execute(_DECISIONS, births)]
    rows += _pinned(db, births)
    held = {(one.kind, one.value) for one in shared_values(contact)}
    rows += [(row, f"{row.of} {row.value}") for row in db.execute(_SAID) if (row.of, row.value) in held]
    told = {row.id: (row, about) for row, about in rows}
    return [told[number] for number in sorted(told)]


def _pinned(db: Connection, births: dict[str, list[str]]) -> list[tuple[Any, str]]:
    """Each decision that pins, once, with all that it pins."""
    told: dict[int, tuple[Any, str]] = {}
    for row in db.execute(_PINNED, births):
        before = f"{told[row.id][1]}, " if row.id in told else ""
        told[row.id] = row, f"{before}{row.field} {_plain(row.value)}"
    return list(told.values())


def _plain(value: Any) -> str:
    if not isinstance(value, dict):
        return str(value)
    return str(value.get("full") or value.get("value") or " ".join(str(part) for part in value.values() if part))
