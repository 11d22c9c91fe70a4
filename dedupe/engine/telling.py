"""Explains single pairs: how two people's records compare, and which of their values others share."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from dedupe.engine.coding import Hashes, Sets
from dedupe.engine.judging import judge
from dedupe.engine.pairs import Pairs
from dedupe.engine.partition import Entry, Judgement, Population, Verdict, judgement_of, population_of, signed, verdict
from dedupe.engine.resolving import NO_ROWS, usable
from dedupe.engine.weights import Model


@dataclass(frozen=True, slots=True)
class Shared:
    """A value by which records are found, with its key."""

    kind: str
    value: str
    key: int


@dataclass(frozen=True, slots=True)
class Best:
    """The pair of records that speaks loudest for one person."""

    left: Entry
    right: Entry
    verdict: Verdict


def shared_values(people: Population) -> Iterator[Shared]:
    """The e-mail addresses, phones and identifiers of these records."""
    table, values = people.ready.table, people.ready.values
    columns: tuple[tuple[str, Sets, Hashes], ...] = (
        ("email", table.mails.sets, values.emails),
        ("phone", table.phones, values.phones),
        ("identifier", table.identifiers, values.identifiers),
    )
    for kind, sets, hashes in columns:
        for value, key in zip(sets.values, signed(hashes), strict=True):
            yield Shared(kind, value, key)


def best_pair(lefts: Sequence[Entry], rights: Sequence[Entry], popular: Hashes, model: Model) -> Best:
    """Judge each record of one side with each of the other. `popular`: the keys that join nobody, sorted."""
    people = population_of({entry.id: entry for entry in (*lefts, *rights)}.values())
    table, keys = usable(people.ready, popular)
    place = {entry.id: row for row, entry in enumerate(people.entries)}
    alone = len(lefts) == len(rights) == 1
    both = sorted({_ordered(place[a.id], place[b.id]) for a in lefts for b in rights if alone or a.id != b.id})
    pairs = Pairs(np.array([a for a, _ in both], np.int64), np.array([b for _, b in both], np.int64))
    judged = judge(table, pairs, model, 0, NO_ROWS)
    held: dict[int, set[int]] = {}
    for row, key in zip(keys.rows.tolist(), signed(keys.hashes), strict=True):
        held.setdefault(row, set()).add(key)
    shares = [bool(held.get(a, set()) & held.get(b, set())) for a, b in both]
    judged.weights += np.where(shares, model.prior, model.prior_inside).astype(np.int32)
    at = int(np.argmax(judged.weights))
    judgement = judgement_of(judged, at, model) if shares[at] else Judgement.NONE
    left, right = (people.entries[row] for row in both[at])
    return Best(left, right, verdict(table, judged, at, model, judgement))


def _ordered(one: int, other: int) -> tuple[int, int]:
    return (one, other) if one < other else (other, one)
