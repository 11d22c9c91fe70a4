"""Explains single pairs: how two people's records compare, and which of their values others share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from dedupe.engine.coding import Hashes, Sets
from dedupe.engine.judging import judge
from dedupe.engine.keys import value_keys
from dedupe.engine.levels import levels_of
from dedupe.engine.pairs import Pairs
from dedupe.engine.partition import settle
from dedupe.engine.population import Entry, population_of, signed
from dedupe.engine.record import Features, columns_of
from dedupe.engine.resolving import NO_ROWS, usable
from dedupe.engine.table import table_of
from dedupe.engine.verdicts import JUDGEMENTS, Judgement, Verdict, judgements_of, levels_told, verdict
from dedupe.engine.weights import Model
from dedupe.links import Links, Seen


@dataclass(frozen=True, slots=True)
class Shared:
    """A value by which records are found, with its key."""

    kind: str
    value: str
    key: int


@dataclass(frozen=True, slots=True)
class Step:
    """Two records, or those whom they stand for, and what was judged of them."""

    left: Entry
    right: Entry
    verdict: Verdict


def shared_values(entries: Iterable[Entry]) -> Iterator[Shared]:
    """The e-mail addresses, phones and identifiers of these records."""
    table = table_of(columns_of([one.features for one in entries]))
    values = value_keys(table)
    columns: tuple[tuple[str, Sets, Hashes], ...] = (
        ("email", table.mails.sets, values.emails),
        ("phone", table.phones, values.phones),
        ("identifier", table.identifiers, values.identifiers),
    )
    for kind, sets, hashes in columns:
        for value, key in zip(sets.values, signed(hashes), strict=True):
            yield Shared(kind, value, key)


def levels_between(entries: Sequence[Entry], pairs: Sequence[tuple[Entry, Entry]], popular: Hashes) -> list[Seen]:
    """By pair of these records, how well they agree. `popular`: the keys that join nobody, sorted."""
    rows = sorted(entries, key=lambda one: one.key)
    place = {entry.id: row for row, entry in enumerate(rows)}
    table, _ = usable(population_of(rows).ready, popular)
    both = [_ordered(place[left.id], place[right.id]) for left, right in pairs]
    columns = np.array(both, np.int64).reshape(-1, 2)
    return [levels_told(one) for one in levels_of(table, Pairs(columns[:, 0], columns[:, 1]))]


def key_of(kind: str, value: str) -> int:
    """The key of an e-mail address, a phone number or an identifier ("loyalty=4711"). Raises ValueError for others."""
    fields = {"email": "emails", "phone": "phones", "identifier": "identifiers"}
    if kind not in fields:
        raise ValueError(f"there are no keys of a {kind}: it is one of {', '.join(fields)}")
    only = Entry(0, "", 0, (b"", b"", b""), Features(**{fields[kind]: value}))
    return next(one.key for one in shared_values([only]) if one.kind == kind and one.value == value)


def best_pair(lefts: Sequence[Entry], rights: Sequence[Entry], popular: Hashes, model: Model) -> Step:
    """The pair that speaks loudest for one person, of each record of one side with each of the other.

    `popular`: the keys that join nobody, sorted.
    """
    entries = sorted({entry.id: entry for entry in (*lefts, *rights)}.values(), key=lambda one: one.key)
    people = population_of(entries)
    table, keys = usable(people.ready, popular)
    place = {entry.id: row for row, entry in enumerate(entries)}
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
    judgement = JUDGEMENTS[judgements_of(judged, model)[at]] if shares[at] else Judgement.NONE
    left, right = (entries[row] for row in both[at])
    return Step(left, right, verdict(table, judged, at, model, judgement))


def _ordered(one: int, other: int) -> tuple[int, int]:
    return (one, other) if one < other else (other, one)


def steps(
    entries: Sequence[Entry], popular: Hashes, links: Links, model: Model, likely: bool = False
) -> Iterator[Step]:
    """What was judged between these records of whole contacts: how they came to be one, or why a person is asked."""
    rows = sorted(entries, key=lambda one: one.key)
    found = settle(population_of(rows), popular, links, model, likely)
    firsts, pairs = found.nodes.firsts, found.judged.pairs
    for at in found.kept.tolist():
        left, right = (rows[firsts[side[at]]] for side in (pairs.left, pairs.right))
        judgement = JUDGEMENTS[found.judgements[at]]
        yield Step(left, right, verdict(found.nodes.table, found.judged, at, model, judgement))
    beside = found.folded()
    for at, (one, other) in enumerate(zip(beside.pairs.left.tolist(), beside.pairs.right.tolist(), strict=True)):
        told = verdict(found.found.table, beside, at, model, Judgement.AUTOMATIC)
        yield Step(rows[one], rows[other], told)
