"""A new generation of tables: filled beside those in use in many short transactions, then put in their place in one.

Law: who reads sees either all of the old generation or all of the new one. On SQLite the tables change their names,
which its snapshots cover. PostgreSQL looks names up outside of snapshots, so there the rows are exchanged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

from sqlalchemy import Connection, Index, MetaData, Table, delete, insert, inspect, select, text

from hub.store.engine import Store
from hub.store.sql import chunks, insert_rows

CHUNK = 50_000
"""Rows in one transaction."""

BESIDE = "__next"

Row = tuple[Any, ...]


class Generation:
    """The next contents of some tables, which no foreign key names.

    `checkpoint` runs inside every transaction, also that of the switch: whoever lost the right to write raises there.
    """

    def __init__(self, store: Store, tables: Sequence[Table], checkpoint: Callable[[Connection], None]) -> None:
        self.store, self.checkpoint = store, checkpoint
        self.next = {one: _beside(one) for one in tables}

    def begin(self) -> None:
        """Create the tables beside, empty; what an interrupted generation left of them goes."""

        def work(db: Connection) -> None:
            self.checkpoint(db)
            for beside in self.next.values():
                beside.drop(db, checkfirst=True)
                beside.create(db)

        self.store.write(work)

    def fill(self, into: Table, rows: Iterable[Row]) -> None:
        """Rows are tuples in the order of the table's columns. Sorted by primary key they are several times faster."""
        for some in chunks(rows, CHUNK):
            self.store.write(partial(self._fill, beside=self.next[into], rows=some))

    def _fill(self, db: Connection, beside: Table, rows: list[Row]) -> None:
        self.checkpoint(db)
        insert_rows(db, beside, rows)

    def finish(self) -> None:
        """Index what was filled."""
        if self.store.is_sqlite:
            for one, beside in self.next.items():
                for index in sorted(one.indexes, key=lambda index: str(index.name)):
                    self.store.write(partial(self._index, index=index, beside=beside))

    def _index(self, db: Connection, index: Index, beside: Table) -> None:
        self.checkpoint(db)
        in_use = {found["name"] for found in inspect(db).get_indexes(beside.name.removesuffix(BESIDE))}
        # an index of SQLite keeps the name it was made with, and there is one namespace for those of all tables
        name = next(one for one in (f"{index.name}__1", f"{index.name}__2") if one not in in_use)
        Index(name, *(beside.c[column.name] for column in index.columns)).create(db)

    def switch(self, db: Connection) -> None:
        """Put the new generation in the place of the old one, in the caller's transaction."""
        self.checkpoint(db)
        for one, beside in self.next.items():
            if self.store.is_sqlite:
                one.drop(db)
                db.execute(text(f"ALTER TABLE {beside.name} RENAME TO {one.name}"))
            else:
                db.execute(delete(one))
                db.execute(insert(one).from_select([column.name for column in one.columns], select(beside)))
                beside.drop(db)


def _beside(one: Table) -> Table:
    """A table of the same columns and primary key, without indexes, whose names are taken by the one in use."""
    beside = one.to_metadata(MetaData(), name=f"{one.name}{BESIDE}")
    beside.indexes.clear()
    beside.primary_key.name = f"{one.name}__next_pkey"
    return beside
