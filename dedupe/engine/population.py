"""The records that are resolved together: who they are, when they came, and what of them is compared."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from dedupe.engine.coding import Hashes
from dedupe.engine.record import Features, columns_of
from dedupe.engine.resolving import Prepared, prepare
from dedupe.engine.table import Rows
from dedupe.folding import StableKey


@dataclass(frozen=True, slots=True)
class Entry:
    """One live record on its way through the resolver."""

    id: int
    birth_id: str
    born: int
    key: StableKey
    features: Features


@dataclass(frozen=True, slots=True)
class Population:
    """Records as rows in stable order: by connection, stream and external id, in bytes."""

    ids: Rows
    birth_ids: Sequence[str]
    born: Rows
    ready: Prepared

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def ages(self) -> tuple[Rows, Rows]:
        """(row by rank, rank by row): who arrived first, ties in stable order."""
        rows: Rows = np.argsort(self.born, kind="stable")
        ranks = np.empty_like(rows)
        ranks[rows] = np.arange(len(rows))
        return rows, ranks

    def value_keys(self) -> set[int]:
        """Those of the keys that are of an e-mail address, a phone number or an identifier."""
        values = self.ready.values
        return {key for hashes in (values.emails, values.phones, values.identifiers) for key in signed(hashes)}

    def keys_that_matter(self) -> set[int]:
        """The keys of which it matters whether they are popular: of a value, or held by several of these."""
        return self.value_keys() | set(signed(self.ready.runs.hashes))

    def keys_told(self) -> dict[int, dict[int, int]]:
        """By record id, its keys and what tells it apart from their other holders; hashes as signed numbers."""
        found: dict[int, dict[int, int]] = {one: {} for one in self.ids.tolist()}
        keys = self.ready.keys
        holders = self.ids[keys.rows].tolist()
        for one, key, told in zip(holders, signed(keys.hashes), signed(self.ready.told), strict=True):
            found[one][key] = told
        return found


def population_of(entries: Iterable[Entry]) -> Population:
    rows = sorted(entries, key=lambda one: one.key)
    return Population(
        np.array([one.id for one in rows], np.int64),
        [one.birth_id for one in rows],
        np.array([one.born for one in rows], np.int64),
        prepare(columns_of([one.features for one in rows])),
    )


def signed(hashes: Hashes) -> list[int]:
    """Hashes as both databases can store them."""
    numbers: list[int] = hashes.view(np.int64).tolist()
    return numbers


def hashes_from(numbers: Iterable[int]) -> Hashes:
    """Stored hashes as the engine takes them: sorted."""
    return np.sort(np.fromiter(numbers, np.int64).view(np.uint64))
