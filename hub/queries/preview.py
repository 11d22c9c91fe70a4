"""What another model would make of everybody: the contacts that would be merged and split, and the questions left."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from sqlalchemy import Connection, select

from dedupe.engine.partition import partition
from dedupe.engine.table import Rows
from dedupe.engine.weights import Model
from hub.queries.train import Everybody
from hub.stages.golden import contacts
from hub.store.sql import chunks

MOST_EXAMPLES = 10


@dataclass(frozen=True, slots=True)
class Shown:
    """A contact, and those that it would be made of, or would fall into: ids, and the names of those there are now."""

    contact: str
    others: tuple[str, ...]
    names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Preview:
    """Before and after: how many contacts and questions. How many contacts would be merged into others, and how many
    would be split, with some examples of each."""

    contacts: tuple[int, int]
    questions: tuple[int, int]
    merged: int
    split: int
    to_merge: tuple[Shown, ...]
    to_split: tuple[Shown, ...]


def preview(everyone: Everybody, before: Model, after: Model) -> Preview:
    """Everybody is resolved twice in memory; nothing is stored. The examples have no names yet."""
    old, new = (partition(everyone.people, everyone.popular, everyone.links, model) for model in (before, after))
    ids = everyone.people.birth_ids
    joined, parted = _moves(new.anchors, old.anchors, ids), _moves(old.anchors, new.anchors, ids)
    return Preview(
        (len(np.unique(old.anchors)), len(np.unique(new.anchors))),
        (len(old.questions.pairs) + everyone.open_values, len(new.questions.pairs) + everyone.open_values),
        sum(len(one.others) - 1 for one in joined),
        len(parted),
        joined[:MOST_EXAMPLES],
        parted[:MOST_EXAMPLES],
    )


def _moves(whole: Rows, parts: Rows, ids: Sequence[str]) -> tuple[Shown, ...]:
    """The contacts of `whole` whose records are in several of `parts`, by id."""
    found: dict[str, set[str]] = defaultdict(set)
    for one, other in np.unique(np.stack((whole, parts), axis=1), axis=0).tolist():
        found[ids[one]].add(ids[other])
    several = (one for one in sorted(found) if len(found[one]) > 1)
    return tuple(Shown(one, tuple(sorted(found[one]))) for one in several)


def with_names(db: Connection, found: Preview) -> Preview:
    """The same, with the names that the contacts have now."""
    shown = {contact for one in (*found.to_merge, *found.to_split) for contact in (one.contact, *one.others)}
    names: dict[str, str] = {}
    for ids in chunks(sorted(shown)):
        rows = db.execute(select(contacts.c.id, contacts.c.name).where(contacts.c.id.in_(ids)))
        names.update((row.id, row.name) for row in rows)
    to_merge, to_split = (
        tuple(replace(one, names=names) for one in examples) for examples in (found.to_merge, found.to_split)
    )
    return replace(found, to_merge=to_merge, to_split=to_split)
