"""A vendor whose lists are sorted by change time, who does not always tell of a change; and its reconciliation."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from connectors.kit.base import Cursor, Page, Record, Stream
from hub.jobs.ends import RunEnd
from hub.settings.reconcile import GoneGuard
from hub.settings.settings import Reconcile
from hub.stages.land import landed
from hub.stages.pull import Wish
from hub.store.engine import Store
from tests.hub.world import Pulling, connection, minute, page, person, rows, stream, sync


@dataclass
class Vendor:
    """Its customers by id. `between` is called after each page of a read, with the number of pages it has given.

    `hidden`: whom a read from the very start passes by, for they moved within the lists.
    """

    customers: dict[str, Record] = field(default_factory=dict)
    page_size: int = 2
    asked: list[Cursor | None] = field(default_factory=list)
    between: Callable[[int], None] = lambda _: None
    hidden: set[str] = field(default_factory=set)
    clock: int = 0

    def change(self, external_id: str, **data: Any) -> None:
        """As a vendor should: with a new change time."""
        self.clock += 1
        self.customers[external_id] = person(external_id, at=minute(self.clock), **data)

    def change_silently(self, external_id: str, **data: Any) -> None:
        """Without a new change time."""
        self.customers[external_id] = person(external_id, at=self.customers[external_id].changed_at, **data)

    def delete(self, *ids: str) -> None:
        for one in ids:
            del self.customers[one]

    def open_for(self, number: int) -> Vendor:
        """With so many customers, p1 and on."""
        for one in range(1, number + 1):
            self.change(f"p{one}", name=f"Person {one}", email=f"p{one}@example.com")
        return self

    def pull(self, stream: Stream, cursor: Cursor | None) -> Iterator[Page]:
        self.asked.append(cursor)
        given, start = 0, cursor.position if cursor else None
        while True:
            listed = sorted(self.customers.values(), key=lambda one: (_time(one), one.id))
            rest = [one for one in listed if start is None or _time(one) >= start]
            some = rest[: self.page_size]
            shown = [one for one in some if cursor is not None or one.id not in self.hidden]
            yield page(shown, position=_time(some[-1]) if some else start)
            given += 1
            self.between(given)
            if len(rest) <= self.page_size:
                return
            start = _time(some[-1])


def _time(one: Record) -> datetime:
    assert one.changed_at is not None
    return one.changed_at


WHOLE = Wish(reconcile=True)
NO_GUARD = Reconcile(guard=GoneGuard(rows=1000, share="100%"))


def shop(pull: Pulling, guard: Reconcile = NO_GUARD, **how: Any) -> Any:
    return connection(pull, stream(reconcile=guard, **how))


def reconcile(store: Store, pull: Pulling, guard: Reconcile = NO_GUARD) -> RunEnd:
    (end,) = sync(store, shop(pull, guard), wish=WHOLE)
    return end


def alive(store: Store) -> set[str]:
    return {row["external_id"] for row in rows(store, landed) if not row["deleted"]}
