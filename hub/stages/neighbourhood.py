"""Finds everything an increment can touch: the marked records, whom their keys reach, and their whole components.

Law: what is outside a neighbourhood keeps its edges, its component and its contact. A record outside shares no
usable key with a marked one, neither before nor after, and stands in no component with a record inside.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.engine import Row

from dedupe.features import Entry
from dedupe.keys import keys_of
from dedupe.links import Links
from dedupe.model import Model
from hub.stages.map import people
from hub.stages.reading import entries, links_touching, members
from hub.store.derived.identity import MatchEdge, MatchKey, PopularKey
from hub.store.sql import chunks, table

match_keys = table(MatchKey)
edges = table(MatchEdge)
popular_keys = table(PopularKey)

NOT_INDEXED = 0


@dataclass(slots=True)
class Neighbourhood:
    """What one increment works on.

    `marked`: the records whose turn it is. `changed`: those of them whose features are new, gone or different.
    `entries`: all live records concerned. `before`: the membership rows they had. `popular`: their popular keys after
    the increment. `became_popular` and `became_usable`: the keys that crossed the cap in it.
    """

    marked: set[int]
    changed: set[int] = field(default_factory=set)
    entries: dict[int, Entry] = field(default_factory=dict)
    before: dict[int, Row[Any]] = field(default_factory=dict)
    popular: set[int] = field(default_factory=set)
    became_popular: set[int] = field(default_factory=set)
    became_usable: set[int] = field(default_factory=set)
    links: Links = field(default_factory=Links)

    def is_changed(self, record_id: int) -> bool:
        """Whether a record's features are not those that the key index holds."""
        now, before = self.entries.get(record_id), self.before.get(record_id)
        return (now.features.digest if now else None) != (before.feature_hash if before else None)

    def indexed_digest(self, entry: Entry) -> int:
        """The features that the key index knows of a record: those of now only where they are being indexed now.

        A record may be here with new features while its own mark still waits; its turn must find it changed.
        """
        if entry.id in self.marked:
            return entry.features.digest
        return self.before[entry.id].feature_hash if entry.id in self.before else NOT_INDEXED


def look_around(db: Connection, marked: Iterable[int], model: Model) -> Neighbourhood:
    """Read the neighbourhood of marked records (by record id, tombstones included)."""
    around = Neighbourhood(set(marked))
    _load(db, around, around.marked)
    around.changed = {one for one in around.marked if around.is_changed(one)}
    touched = _Touched(db, around, model)
    # who holds a value that crosses the cap compares otherwise with everybody, as if changed
    affected = around.marked | touched.crossed()
    _load(db, around, affected)
    _load(db, around, touched.reach(affected) | _judged_with(db, around, affected) | _linked(db, around, affected))
    _whole_components(db, around)
    around.popular = around.became_popular | _popular_among(db, around)
    return around


def _load(db: Connection, around: Neighbourhood, record_ids: set[int]) -> None:
    missing = record_ids - around.before.keys() - around.entries.keys()
    around.entries.update(entries(db, missing))
    for ids in chunks(sorted(missing)):
        rows = db.execute(select(members).where(members.c.record_id.in_(ids)))
        around.before.update((row.record_id, row) for row in rows)


class _Touched:
    """The keys of changed records, before and after, and what the change does to their popularity."""

    def __init__(self, db: Connection, around: Neighbourhood, model: Model) -> None:
        self.db = db
        self.around = around
        self.cap = model.cap
        self.left = {key for keys in _stored_keys(db, around.changed).values() for key in keys}
        self.arriving = self._signatures_by_key()
        self.keys = self.left | self.arriving.keys()
        self.were_popular = _known_popular(db, self.keys)
        self.holders = self._holders_of(self.keys - self.were_popular)

    def crossed(self) -> set[int]:
        """Note the keys that cross the cap; every record that holds one, or did until now."""
        for key, holders in self.holders.items():
            if len(self._signatures_after(key, holders)) > self.cap:
                self.around.became_popular.add(key)
        for key in sorted(self.were_popular & self.left):
            if self._falls_to_the_cap(key):
                self.around.became_usable.add(key)
        self.holders |= self._holders_of(self.around.became_usable)
        crossing = self.around.became_popular | self.around.became_usable
        return {record_id for key in crossing for record_id in self.holders[key]}

    def reach(self, affected: set[int]) -> set[int]:
        """Every record that a key of these can join to, or could until now."""
        mine = {key for keys in _stored_keys(self.db, affected - self.around.changed).values() for key in keys}
        mine |= _keys_among(self.around, affected)
        self.holders |= self._holders_of(mine - self.holders.keys() - _known_popular(self.db, mine))
        return {record_id for holders in self.holders.values() for record_id in holders}

    def _holders_of(self, keys: set[int]) -> dict[int, dict[int, int]]:
        """key -> record -> signature, as stored; only for keys that are not popular, so that it stays bounded."""
        found: dict[int, dict[int, int]] = {key: {} for key in keys}
        for some in chunks(sorted(keys)):
            for row in self.db.execute(select(match_keys).where(match_keys.c.key.in_(some))):
                found[row.key][row.record_id] = row.signature
        return found

    def _signatures_after(self, key: int, holders: dict[int, int]) -> set[int]:
        kept = {signature for record_id, signature in holders.items() if record_id not in self.around.changed}
        return kept | self.arriving.get(key, set())

    def _signatures_by_key(self) -> dict[int, set[int]]:
        """The signatures with which changed records now hold each of their keys."""
        found: dict[int, set[int]] = defaultdict(set)
        for record_id in self.around.changed & self.around.entries.keys():
            features = self.around.entries[record_id].features
            for key in keys_of(features):
                found[key.hash].add(features.signature)
        return found

    def _falls_to_the_cap(self, key: int) -> bool:
        changed = sorted(self.around.changed)
        rest = (
            select(match_keys.c.signature)
            .where(match_keys.c.key == key, match_keys.c.record_id.not_in(changed))
            .distinct()
            .limit(self.cap + 1)
        )
        return len(set(self.db.execute(rest).scalars()) | self.arriving.get(key, set())) <= self.cap


def _stored_keys(db: Connection, record_ids: Iterable[int]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    for ids in chunks(sorted(record_ids)):
        query = select(match_keys.c.record_id, match_keys.c.key).where(match_keys.c.record_id.in_(ids))
        for record_id, key in db.execute(query):
            found[record_id].add(key)
    return found


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


def _popular_among(db: Connection, around: Neighbourhood) -> set[int]:
    return _known_popular(db, _keys_among(around, around.entries.keys())) - around.became_usable


def _keys_among(around: Neighbourhood, record_ids: Iterable[int]) -> set[int]:
    """The keys that those of the records which live hold now."""
    live = (around.entries[one] for one in record_ids if one in around.entries)
    return {key.hash for entry in live for key in keys_of(entry.features)}
