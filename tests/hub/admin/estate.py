"""A small estate for the pages: files on disk, pulled by the real stages into a store.

Alice is known to three systems under two names, Bob shares her phone, Charlie unsubscribed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hub.jobs.inline import RunEnd, Runner
from hub.settings.load import load
from hub.settings.settings import Settings
from hub.stages.order import check_installation, derive
from hub.stages.pull import Wish
from hub.stages.runs import Buckets
from hub.store.engine import Store
from tests.databases import open_hurried

Rows = Sequence[Mapping[str, Any]]

PERSON = {
    "name": "name",
    "emails": ["email"],
    "phones": ["phone"],
    "addresses": [{"street": "street", "city": "city", "state": "state", "postcode": "postcode", "country": "country"}],
    "gender": "gender",
    "job_title": "job",
    "language": "language",
    "timezone": "zone",
    "company": {"name": "company"},
    "identifiers": [{"type": "loyalty", "value": "member_no"}],
    "tags": "tags",
    "custom": {"note": "note"},
    "consents": [
        {"channel": "email", "address": "email", "state": "consent", "at": "consent_at", "level": "level"},
    ],
}
ORDER = {
    "number": "number",
    "placed_at": "placed_at",
    "status": "status",
    "currency": "currency",
    "total": "total",
    "items": {"each": "items", "title": "title", "sku": "sku", "quantity": "quantity", "price": "price"},
    "person": {"name": "name", "emails": ["email"]},
}

ALICE = {"name": "Alice Nguyen", "email": "alice@example.com", "phone": "0412 345 678"}
BOB = {"name": "Bob Nguyen", "email": "bob@example.com", "phone": "0412 345 678"}
CHARLIE = {"name": "Charlie Ortiz", "email": "charlie@example.org", "phone": "0498 765 432"}

DESK: Rows = (
    {"id": "D1", **ALICE, "note": "prefers the phone", "tags": ["vip"], "company": "Nguyen & Daughters"},
    {"id": "D2", **BOB},
    {"id": "D3", **CHARLIE, "consent": "withdrawn", "consent_at": "2026-03-01T10:00:00Z", "level": "link"},
)
LOYALTY: Rows = (
    {
        "id": "L1",
        **ALICE,
        "name": "Alise Nguyen",
        "street": "3 King St",
        "city": "Newtown",
        "state": "NSW",
        "postcode": "2042",
        "country": "AU",
        "member_no": "4711",
    },
)
ORDERS: Rows = (
    {
        "id": "O1",
        "number": "#1001",
        "placed_at": "2026-05-02T08:00:00Z",
        "status": "PAID",
        "currency": "AUD",
        "total": "120.50",
        "name": "Alice Nguyen",
        "email": "alice@example.com",
        "items": [{"title": "Blue mug", "sku": "MUG-1", "quantity": 2, "price": "60.25"}],
    },
)


class Quiet:
    """A reporter that says nothing."""

    def started(self, connection: str, stream: str) -> None: ...

    def moved(self, connection: str, stream: str, buckets: Buckets, total: int | None) -> None: ...

    def ended(self, end: RunEnd) -> None: ...


@dataclass(frozen=True)
class Estate:
    """A filled hub: its store and settings, and the folder of the files that it pulls."""

    store: Store
    settings: Settings
    drop: Path

    def put(self, desk: Rows = (), loyalty: Rows = (), orders: Rows = ()) -> None:
        """Write the files anew and pull them."""
        for name, rows in (("desk", desk), ("loyalty", loyalty), ("orders", orders)):
            (self.drop / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
        self.pull()

    def pull(self) -> None:
        Runner(self.store, self.settings, Quiet()).run_all(self.settings.connections.values(), Wish())
        derive(self.store, self.settings)


@contextmanager
def estate(root: Path, database_url: str) -> Iterator[Estate]:
    """An empty hub in a folder: configured, nothing pulled."""
    drop = root / "drop"
    drop.mkdir()
    hub = {"version": 1, "database": database_url, "region": "AU", "timezone": "Australia/Sydney"}
    _write(root / "config" / "hub.yaml", hub)
    streams = {
        "desk": {"people": {"id": "id", "record": "person", "map": PERSON, "every": "15m"}},
        "loyalty": {"people": {"id": "id", "record": "person", "map": PERSON}},
        "orders": {"orders": {"id": "id", "record": "order", "map": ORDER}},
    }
    for name, own in streams.items():
        connection = {"kind": "files", "config": {"path": f"drop/{name}.jsonl", "format": "jsonl"}, "streams": own}
        _write(root / "config" / "connections" / f"{name}.yaml", connection)
    settings = load(root / "config")
    store = open_hurried(settings.database_url)
    try:
        check_installation(store, settings)
        yield Estate(store, settings, drop)
    finally:
        store.close()


def _write(path: Path, content: Mapping[str, Any]) -> None:
    """JSON, which is YAML too."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content))
    path.chmod(0o640)
