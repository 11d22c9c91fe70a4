"""Finds everything an increment can touch: the marked records, whom their keys reach, and their whole components.

Law: what is outside a neighbourhood keeps its edges, its component and its contact. A record outside shares no
usable key with a marked one, neither before nor after, and stands in no component with a record inside.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

from sqlalchemy import Connection, select, union_all
from sqlalchemy.engine import Row

from dedupe.engine.population import Entry, population_of
from dedupe.engine.weights import Model
from dedupe.links import Links
from hub.stages.crowds import Crowds, Told, counted_among, match_keys, popular_among
from hub.stages.map import people
from hub.stages.reading import entries, links_touching, members
from hub.store.derived.identity import MatchEdge
from hub.store.sql import among, table

edges = table(MatchEdge)

NOT_INDEXED = 0

_MEMBERS = select(members).where(among(members.c.record_id, "ids"))
_COMPONENTS = select(members).where(among(members.c.component, "components"))
_KEYS = select(match_keys).where(among(match_keys.c.record_id, "ids"))
_HOLDERS = select(match_keys).where(among(match_keys.c.key, "keys"))
_JUDGED_WITH = union_all(
    select(edges.c.right_id).where(among(edges.c.left_id, "ids")),
    select(edges.c.left_id).where(among(edges.c.right_id, "ids")),
)
_BORN = select(people.c.record_id).where(among(people.c.birth_id, "births"))


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

    def popular_among(self, db: Connection, keys: Set[int]) -> set[int]:
        """Which of these keys are popular after the increment."""
        return (self.became_popular | popular_among(db, keys)) - self.became_usable


def digest_of(entry: Entry) -> int:
    """A 64-bit hash of everything that is compared: unchanged features need no new resolving."""
    return digest_of_features(entry.features)


def digest_of_features(features: Sequence[str]) -> int:
    joined = "\x1d".join(features).encode("utf-8", "backslashreplace")
    return int.from_bytes(blake2b(joined, digest_size=8).digest(), "big", signed=True)


def look_around(db: Connection, marked: Iterable[int], model: Model) -> Neighbourhood:
    """Read the neighbourhood of marked records (by record id, tombstones included)."""
    around = Neighbourhood(set(marked))
    _load(db, around, around.marked)
    around.changed = {one for one in around.marked if around.is_changed(one)}
    around.arriving = _keys_now(around, around.changed)
    touched = _Touched(db, around, model)
    # who holds a value that crosses the cap compares otherwise with everybody, as if changed
    affected = touched.with_mates(around.marked | touched.crossed())
    _load(db, around, touched.reach(affected) | _judged_with(db, around, affected) | _linked(db, around, affected))
    _whole_components(db, around)
    return around


def _keys_now(around: Neighbourhood, record_ids: Iterable[int]) -> dict[int, Told]:
    """The keys of records as they are now; nothing of those that are gone."""
    here = [around.entries[one] for one in record_ids if one in around.entries]
    return population_of(here).keys_told() if here else {}


def _load(db: Connection, around: Neighbourhood, record_ids: set[int]) -> None:
    missing = record_ids - around.before.keys() - around.entries.keys()
    if missing:
        around.entries.update(entries(db, missing))
        around.before.update((row.record_id, row) for row in db.execute(_MEMBERS, {"ids": missing}))


class _Touched:
    """The keys of the marked records, before and after, and what has changed in their popularity."""

    def __init__(self, db: Connection, around: Neighbourhood, model: Model) -> None:
        self.db, self.around = db, around
        self.crowds = Crowds(db, model)
        self.stored: dict[int, Told] = {}
        self.now: dict[int, Told] = {}
        self.holders: dict[int, Told] = {}
        self.arriving: dict[int, set[int]] = defaultdict(set)
        for told in around.arriving.values():
            for key, holder in told.items():
                self.arriving[key].add(holder)

    def crossed(self) -> set[int]:
        """Note the keys that cross the cap; every record that holds one, or did until now."""
        around, keys = self.around, self._told(self.around.marked).keys()
        left = self._left()
        most = {key: self.crowds.most(key) + left[key] for key in keys}
        were_popular = counted_among(self.db, keys, max(most.values(), default=0))
        self._learn_holders(keys - were_popular.keys())
        for key in keys - were_popular.keys():
            if self.crowds.is_popular(key, self._told_after(key)):
                around.became_popular.add(key)
        for key, different in were_popular.items():
            if different < most[key] and self.crowds.falls_to_the_cap(key, around.changed, self.arriving[key]):
                around.became_usable.add(key)
        self._learn_holders(around.became_usable)
        return {one for key in around.became_popular | around.became_usable for one in self.holders[key]}

    def with_mates(self, affected: set[int]) -> set[int]:
        """And all that are, were or may become one node with them: equal on a key, and on from these."""
        found, new = set(affected), set(affected)
        while new:
            told = self._told(new)
            self._learn_usable(told.keys())
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
        self._learn_usable(keys)
        return {record_id for key in keys for record_id in self.holders.get(key, ())}

    def _told(self, record_ids: set[int]) -> dict[int, set[int]]:
        """What these records tell on each of their keys, before and after."""
        self._learn_keys(record_ids)
        found: dict[int, set[int]] = defaultdict(set)
        for one in record_ids:
            for told in (self.stored[one], self.now.get(one, {})):
                for key, holder in told.items():
                    found[key].add(holder)
        return found

    def _learn_keys(self, record_ids: set[int]) -> None:
        """The keys of records as stored, and as they are now where that is something else."""
        missing = record_ids - self.stored.keys()
        if not missing:
            return
        self.stored.update((one, {}) for one in missing)
        for row in self.db.execute(_KEYS, {"ids": missing}):
            self.stored[row.record_id][row.key] = row.signature
        _load(self.db, self.around, missing)
        waiting = [one for one in sorted(missing - self.around.marked) if self.around.is_changed(one)]
        self.now |= _keys_now(self.around, waiting)
        self.now |= {one: self.around.arriving[one] for one in missing & self.around.arriving.keys()}

    def _learn_usable(self, keys: Set[int]) -> None:
        missing = keys - self.holders.keys()
        if missing:
            self._learn_holders(missing - self.around.popular_among(self.db, missing))

    def _learn_holders(self, keys: Set[int]) -> None:
        """Who holds these keys, as stored. Popular ones are not asked for, so that it stays bounded."""
        missing = keys - self.holders.keys()
        if missing:
            self.holders.update((key, {}) for key in missing)
            for row in self.db.execute(_HOLDERS, {"keys": missing}):
                self.holders[row.key][row.record_id] = row.signature

    def _left(self) -> Counter[int]:
        """By key, how many changed records held it: no more different people than these can be gone from it."""
        return Counter(key for one in self.around.changed for key in self.stored[one])

    def _told_after(self, key: int) -> set[int]:
        changed, holders = self.around.changed, self.holders[key]
        return {told for one, told in holders.items() if one not in changed} | self.arriving[key]


def _judged_with(db: Connection, around: Neighbourhood, affected: set[int]) -> set[int]:
    """The records at the other end of stored edges: one may rest on features that were gone again before their turn."""
    return set(db.execute(_JUDGED_WITH, {"ids": affected & around.before.keys()}).scalars())


def _linked(db: Connection, around: Neighbourhood, affected: set[int]) -> set[int]:
    """The records at the other end of human links."""
    births = {around.entries[one].birth_id for one in affected if one in around.entries}
    links = links_touching(db, births)
    others = {birth_id for pair in (*links.must, *links.cannot) for birth_id in pair} - births
    return set(db.execute(_BORN, {"births": others}).scalars()) if others else set()


def _whole_components(db: Connection, around: Neighbourhood) -> None:
    """Add every record that shares a stored component with one that is here, and the links among them all."""
    components = {row.component for row in around.before.values()}
    if components:
        mates = {row.record_id: row for row in db.execute(_COMPONENTS, {"components": components})}
        around.entries.update(entries(db, mates.keys() - around.before.keys()))
        around.before |= mates
    around.links = links_touching(db, {entry.birth_id for entry in around.entries.values()})
