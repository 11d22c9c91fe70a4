"""Finds everything an increment can touch: the marked records, whom their keys reach, and their whole components.

Law: what is outside a neighbourhood keeps its edges, its component and its contact. A record outside shares no
usable key with a marked one, neither before nor after, and stands in no component with a record inside.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.engine import Row

from dedupe.engine.partition import Entry, Population, population_of
from dedupe.engine.weights import Model
from dedupe.links import Links
from hub.stages.map import people
from hub.stages.reading import entries, links_touching, members
from hub.store.derived.identity import MatchEdge, MatchKey, PopularKey
from hub.store.sql import chunks, table

match_keys = table(MatchKey)
edges = table(MatchEdge)
popular_keys = table(PopularKey)

NOT_INDEXED = 0

Told = dict[int, int]
"""By key, what tells a holder apart from others; odd where it is a name."""


@dataclass(slots=True)
class Neighbourhood:
    """What one increment works on.

    `marked`: the records whose turn it is. `changed`: those of them whose features are new, gone or different.
    `entries`: all live records concerned. `before`: the membership rows they had. `arriving`: the keys of changed
    records as they are now, with what tells their holders apart. `became_popular` and `became_usable`: the keys that
    cross the cap in this increment.
    """

    marked: set[int]
    changed: set[int] = field(default_factory=set)
    entries: dict[int, Entry] = field(default_factory=dict)
    before: dict[int, Row[Any]] = field(default_factory=dict)
    arriving: dict[int, Told] = field(default_factory=dict)
    became_popular: set[int] = field(default_factory=set)
    became_usable: set[int] = field(default_factory=set)
    links: Links = field(default_factory=Links)

    def is_changed(self, record_id: int) -> bool:
        """Whether a record's features are not those that the key index holds."""
        now, before = self.entries.get(record_id), self.before.get(record_id)
        return (digest_of(now) if now else None) != (before.feature_hash if before else None)

    def indexed_digest(self, entry: Entry) -> int:
        """The features that the key index knows of a record: those of now only where they are being indexed now.

        A record may be here with new features while its own mark still waits; its turn must find it changed.
        """
        if entry.id in self.marked:
            return digest_of(entry)
        return self.before[entry.id].feature_hash if entry.id in self.before else NOT_INDEXED


def digest_of(entry: Entry) -> int:
    """A 64-bit hash of everything that is compared: unchanged features need no new resolving."""
    joined = "\x1d".join(entry.features).encode("utf-8", "backslashreplace")
    return int.from_bytes(blake2b(joined, digest_size=8).digest(), "big", signed=True)


def look_around(db: Connection, marked: Iterable[int], model: Model) -> Neighbourhood:
    """Read the neighbourhood of marked records (by record id, tombstones included)."""
    around = Neighbourhood(set(marked))
    _load(db, around, around.marked)
    around.changed = {one for one in around.marked if around.is_changed(one)}
    around.arriving = keys_told(population_of(around.entries[one] for one in around.changed & around.entries.keys()))
    touched = _Touched(db, around, model)
    # who holds a value that crosses the cap compares otherwise with everybody, as if changed
    affected = touched.with_mates(around.marked | touched.crossed())
    _load(db, around, affected)
    _load(db, around, touched.reach(affected) | _judged_with(db, around, affected) | _linked(db, around, affected))
    _whole_components(db, around)
    return around


def keys_told(people: Population) -> dict[int, Told]:
    """The keys of each entry, by record id."""
    found: dict[int, Told] = {entry.id: {} for entry in people.entries}
    for row, key, told in people.keys_told():
        found[people.entries[row].id][key] = told
    return found


def popular_among(db: Connection, around: Neighbourhood, keys: Iterable[int]) -> set[int]:
    """Which of these keys are popular after the increment."""
    return (around.became_popular | _known_popular(db, keys)) - around.became_usable


def _load(db: Connection, around: Neighbourhood, record_ids: set[int]) -> None:
    missing = record_ids - around.before.keys() - around.entries.keys()
    around.entries.update(entries(db, missing))
    for ids in chunks(sorted(missing)):
        rows = db.execute(select(members).where(members.c.record_id.in_(ids)))
        around.before.update((row.record_id, row) for row in rows)


class _Touched:
    """The keys of changed records, before and after, and what the change does to their popularity."""

    def __init__(self, db: Connection, around: Neighbourhood, model: Model) -> None:
        self.db, self.around, self.model = db, around, model
        self.stored: dict[int, Told] = {}
        left = {key for told in self._stored(around.changed).values() for key in told}
        self.arriving: dict[int, set[int]] = defaultdict(set)
        for told in around.arriving.values():
            for key, holder in told.items():
                self.arriving[key].add(holder)
        self.left = left
        self.were_popular = _known_popular(db, left | self.arriving.keys())
        self.holders: dict[int, Told] = {}
        self._holders_of((left | self.arriving.keys()) - self.were_popular)

    def crossed(self) -> set[int]:
        """Note the keys that cross the cap; every record that holds one, or did until now."""
        for key, holders in self.holders.items():
            if self._is_popular(self._told_after(key, holders)):
                self.around.became_popular.add(key)
        for key in sorted(self.were_popular & self.left):
            if self._falls_to_the_cap(key):
                self.around.became_usable.add(key)
        self._holders_of(self.around.became_usable)
        crossing = self.around.became_popular | self.around.became_usable
        return {record_id for key in crossing for record_id in self.holders[key]}

    def with_mates(self, affected: set[int]) -> set[int]:
        """And all that are, were or may become one node with them: equal on a key, and on from these."""
        found, new = set(affected), set(affected)
        while new:
            told = self._told(new)
            self._holders_of(told.keys())
            new = {
                record_id
                for key, equal in told.items()
                for record_id, holder in self.holders.get(key, {}).items()
                if holder in equal
            } - found
            found |= new
        return found

    def reach(self, affected: set[int]) -> set[int]:
        """Every record that a key of these can join to, or could until now."""
        keys = self._told(affected).keys()
        self._holders_of(keys)
        return {record_id for key in keys for record_id in self.holders.get(key, ())}

    def _told(self, record_ids: set[int]) -> dict[int, set[int]]:
        """What these records tell on each of their keys, before and after."""
        found: dict[int, set[int]] = defaultdict(set)
        for told in (*self._stored(record_ids).values(), *self._now(record_ids).values()):
            for key, holder in told.items():
                found[key].add(holder)
        return found

    def _now(self, record_ids: set[int]) -> dict[int, Told]:
        _load(self.db, self.around, record_ids)
        waiting = record_ids & self.around.entries.keys() - self.around.arriving.keys()
        stale = [self.around.entries[one] for one in sorted(waiting) if self.around.is_changed(one)]
        here = {one: told for one, told in self.around.arriving.items() if one in record_ids}
        return here | keys_told(population_of(stale)) if stale else here

    def _stored(self, record_ids: set[int]) -> dict[int, Told]:
        missing = sorted(record_ids - self.stored.keys())
        for one in missing:
            self.stored[one] = {}
        for ids in chunks(missing):
            for row in self.db.execute(select(match_keys).where(match_keys.c.record_id.in_(ids))):
                self.stored[row.record_id][row.key] = row.signature
        return {one: self.stored[one] for one in record_ids}

    def _holders_of(self, keys: Iterable[int]) -> None:
        """Learn who holds these keys, as stored; of popular ones nobody, so that it stays bounded."""
        missing = set(keys) - self.holders.keys()
        usable = missing - (_known_popular(self.db, missing) - self.around.became_usable)
        for key in missing:
            self.holders[key] = {}
        for some in chunks(sorted(usable)):
            for row in self.db.execute(select(match_keys).where(match_keys.c.key.in_(some))):
                self.holders[row.key][row.record_id] = row.signature

    def _told_after(self, key: int, holders: Told) -> set[int]:
        kept = {told for record_id, told in holders.items() if record_id not in self.around.changed}
        return kept | self.arriving.get(key, set())

    def _is_popular(self, told: set[int]) -> bool:
        named = sum(one & 1 for one in told)
        return named > self.model.strong_cap or len(told) - named > self.model.weak_cap

    def _falls_to_the_cap(self, key: int) -> bool:
        changed = sorted(self.around.changed)
        most = self.model.strong_cap + self.model.weak_cap + 1
        rest = (
            select(match_keys.c.signature)
            .where(match_keys.c.key == key, match_keys.c.record_id.not_in(changed))
            .distinct()
            .limit(most)
        )
        found = set(self.db.execute(rest).scalars()) | self.arriving.get(key, set())
        return len(found) < most and not self._is_popular(found)


def _known_popular(db: Connection, keys: Iterable[int]) -> set[int]:
    found: set[int] = set()
    for some in chunks(sorted(keys)):
        found.update(db.execute(select(popular_keys.c.key).where(popular_keys.c.key.in_(some))).scalars())
    return found


def _judged_with(db: Connection, around: Neighbourhood, affected: set[int]) -> set[int]:
    """The records at the other end of stored edges: one may rest on features that were gone again before their turn."""
    found: set[int] = set()
    for ids in chunks(sorted(affected & around.before.keys())):
        found.update(db.execute(select(edges.c.right_id).where(edges.c.left_id.in_(ids))).scalars())
        found.update(db.execute(select(edges.c.left_id).where(edges.c.right_id.in_(ids))).scalars())
    return found


def _linked(db: Connection, around: Neighbourhood, affected: set[int]) -> set[int]:
    """The records at the other end of human links."""
    births = {around.entries[one].birth_id for one in affected if one in around.entries}
    links = links_touching(db, births)
    others = {birth_id for pair in (*links.must, *links.cannot) for birth_id in pair} - births
    found: set[int] = set()
    for some in chunks(sorted(others)):
        found.update(db.execute(select(people.c.record_id).where(people.c.birth_id.in_(some))).scalars())
    return found


def _whole_components(db: Connection, around: Neighbourhood) -> None:
    """Add every record that shares a stored component with one that is here, and the links among them all."""
    components = sorted({row.component for row in around.before.values()})
    inside: set[int] = set()
    for some in chunks(components):
        inside.update(db.execute(select(members.c.record_id).where(members.c.component.in_(some))).scalars())
    _load(db, around, inside)
    around.links = links_touching(db, (entry.birth_id for entry in around.entries.values()))
