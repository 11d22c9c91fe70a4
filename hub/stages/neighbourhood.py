"""What one increment works on, and how records get into it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, NamedTuple

from sqlalchemy import Connection, select

from dedupe.engine.population import Entry, population_of
from dedupe.links import Links
from hub.stages.crowds import Told
from hub.stages.map import people
from hub.stages.reading import ENTRY_COLUMNS, entries, entry_of, members
from hub.store.sql import among

NOT_INDEXED = 0

_MEMBERS = select(
    members.c.record_id.label("member"), members.c.contact_id, members.c.component, members.c.feature_hash,
    *ENTRY_COLUMNS,
).outerjoin(people, people.c.record_id == members.c.record_id)  # fmt: skip
_THESE = _MEMBERS.where(among(members.c.record_id, "ids"))
_MATES = _MEMBERS.where(
    members.c.component.in_(select(members.c.component).where(among(members.c.record_id, "ids")).correlate(None))
)


class Before(NamedTuple):
    """What is stored of a record's contact, and of the features that the key index holds."""

    contact_id: str
    component: str
    feature_hash: int


@dataclass(slots=True)
class Neighbourhood:
    """What one increment works on.

    `marked`: the records whose turn it is. `changed`: those of them whose features are new, gone or different.
    `entries`: all live records concerned. `before`: where they belonged. `held` and `arriving`: the keys of changed
    records as stored and as they are now, with what tells their holders apart. `became_popular` and `became_usable`:
    the keys that cross the cap in this increment.
    """

    marked: set[int]
    changed: set[int] = field(default_factory=set)
    entries: dict[int, Entry] = field(default_factory=dict)
    before: dict[int, Before] = field(default_factory=dict)
    held: dict[int, Told] = field(default_factory=dict)
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

    def keys_now(self, record_ids: Iterable[int]) -> dict[int, Told]:
        """The keys of records as they are now; nothing of those that are gone."""
        here = [self.entries[one] for one in record_ids if one in self.entries]
        return population_of(here).keys_told() if here else {}

    def load(self, db: Connection, record_ids: set[int]) -> None:
        """Read records that are not here yet."""
        if missing := record_ids - self.before.keys() - self.entries.keys():
            self._take(db.execute(_THESE, {"ids": missing}).all())
            if unknown := missing - self.before.keys():
                self.entries.update(entries(db, unknown))

    def load_components(self, db: Connection, record_ids: set[int]) -> None:
        """Read the whole components of records, as far as they are not here yet."""
        self._take(db.execute(_MATES, {"ids": record_ids}).all())
        self.load(db, record_ids)

    def _take(self, rows: Sequence[Any]) -> None:
        for row in rows:
            member, contact_id, component, feature_hash, record_id = row[:5]
            if member not in self.before:
                self.before[member] = Before(contact_id, component, feature_hash)
                if record_id is not None:
                    self.entries[member] = entry_of(*row[4:])


def digest_of(entry: Entry) -> int:
    """A 64-bit hash of everything that is compared: unchanged features need no new resolving."""
    return digest_of_features(entry.features)


def digest_of_features(features: Sequence[str]) -> int:
    joined = "\x1d".join(features).encode("utf-8", "backslashreplace")
    return int.from_bytes(blake2b(joined, digest_size=8).digest(), "big", signed=True)
