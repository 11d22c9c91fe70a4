"""Generated records as rows, those that change later among them, and the way of rows into a store."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.identity.generated import ADDRESS, person_of
from benchmarks.people import PROFILES, People, generate
from benchmarks.people.table import TEXTS
from connectors.kit.base import Record
from hub.stages.land import arrivals, land
from hub.stages.map import map_changes
from hub.stages.place import Place
from hub.store.engine import Store
from mapping.models import Mapped

Row = dict[str, str]

SEED_OF_CHANGES = 7
SPARE = 4
"""Records generated for each new one that arrives: one more for each that moves, and some that say nothing new."""


class Arrivals:
    """`records` rows for a first load, and then `arriving` new ones by turns with as many that moved house.

    ValueError where more would move than there are.
    """

    def __init__(self, records: int, arriving: int, profile: str, seed: int) -> None:
        if arriving > records:
            raise ValueError(f"the rounds move {arriving} of {records} records")
        self.records, self.arriving = records, arriving
        self.people = generate(records + SPARE * arriving, PROFILES[profile], seed)

    def loaded(self) -> Iterator[Row]:
        return (row_of(self.people, place) for place in range(self.records))

    def changes(self) -> Iterator[Row]:
        """A new row, then a loaded one with the address and the number of somebody else; each changes something."""
        movers = np.random.default_rng(SEED_OF_CHANGES).permutation(self.records)[: self.arriving].tolist()
        others = (row_of(self.people, place) for place in range(self.records, len(self.people)))
        for mover in movers:
            yield next(others)
            row = row_of(self.people, mover)
            yield next(moved for other in others if (moved := _moved(row, other)) != row)


def row_of(people: People, place: int) -> Row:
    return {name: getattr(people, name)[place] for name in TEXTS}


def _moved(row: Row, other: Row) -> Row:
    return row | {name: other[name] for name in (*ADDRESS, "phone")}


def save(rows: Iterable[Row], file: Path) -> None:
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def saved(file: Path) -> Iterator[Row]:
    with file.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def land_rows(store: Store, rows: Sequence[Row]) -> None:
    """Land and map as a pull does, one transaction for each source."""
    by_system: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_system[row["system"]].append(row)
    for system, own in by_system.items():
        place = Place("bench", system, "people")
        arriving, _ = arrivals(Record(row["external_id"], row) for row in own)
        mapped = {one.content_hash: Mapped("person", person_of(row)) for one, row in zip(arriving, own, strict=True)}
        store.write(_landing(place, arriving, mapped))


def _landing(place: Place, arriving: Any, mapped: dict[str, Mapped]) -> Callable[[Any], None]:
    def work(db: Any) -> None:
        map_changes(db, place, land(db, place, arriving, datetime.now(UTC)).changes, mapped)

    return work


def batches(rows: Iterable[Row], size: int) -> Iterator[list[Row]]:
    waiting = iter(rows)
    while some := list(islice(waiting, size)):
        yield some
