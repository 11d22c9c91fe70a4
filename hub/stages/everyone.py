"""Reads all contact records at once into what the resolver works on. Every distinct text is kept once."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from typing import Any

import numpy as np
from sqlalchemy import select

from dedupe.engine.coding import Coded, Rows
from dedupe.engine.population import Population
from dedupe.engine.record import Features
from dedupe.engine.resolving import prepare
from dedupe.engine.table import Columns
from hub.stages.map import people
from hub.stages.reading import ENTRY_COLUMNS, members

EVERYONE = (
    select(*ENTRY_COLUMNS)
    .order_by(people.c.connection, people.c.stream, people.c.external_id)
    .execution_options(yield_per=10_000)
)
RESOLVED = EVERYONE.join(members, members.c.record_id == people.c.record_id)
"""Those of them that have been resolved."""


def population(rows: Iterable[Any]) -> Population:
    """From the rows of EVERYONE or RESOLVED, in their order."""
    ids, born = array("q"), array("q")
    births: list[str] = []
    columns = [_Column() for _ in Features._fields]
    for row in rows:
        ids.append(row.record_id)
        born.append(row.born)
        births.append(row.birth_id)
        for column, text in zip(columns, row.features, strict=True):
            column.append(text)
    ready = prepare(Columns(*(column.coded() for column in columns)))
    return Population(numbers(ids), births, numbers(born), ready)


class _Column:
    """A column of texts on its way in."""

    def __init__(self) -> None:
        self.index = {"": 0}
        self.ids = array("i")

    def append(self, text: str) -> None:
        self.ids.append(self.index.setdefault(text, len(self.index)))

    def coded(self) -> Coded:
        return Coded(np.frombuffer(self.ids, np.int32) if self.ids else np.zeros(0, np.int32), list(self.index))


def numbers(found: array[int]) -> Rows:
    return np.frombuffer(found, np.int64) if found else np.zeros(0, np.int64)
