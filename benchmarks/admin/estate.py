"""The hub that is looked at: people in four systems and what they bought, as files that the real stages pull."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.people import PROFILES, People, generate
from benchmarks.people.generate import SHARE

SEED = 101
GIANT = 10_000
"""Orders of one person, where there are orders enough."""

TITLES = ("Blue mug", "Tea, 250 g", "Wool socks", "Notebook", "Lamp")

PERSON = {
    "name": {"full": "full"},
    "emails": ["email"],
    "phones": ["phone"],
    "date_of_birth": "birth",
    "addresses": [{"street": "street", "city": "city", "postcode": "postcode", "country": "'AU'"}],
}
ORDER = {
    "number": "number",
    "placed_at": "placed_at",
    "status": "status",
    "currency": "currency",
    "total": "total",
    "items": {"each": "items", "title": "title", "quantity": "quantity", "price": "price"},
    "person": {"emails": ["email"]},
}
ID_AND_KIND = {
    "people": {"id": "id", "record": "person", "map": PERSON},
    "orders": {"id": "id", "record": "order", "map": ORDER},
}


@dataclass(frozen=True)
class Size:
    """People at least, and what they bought."""

    contacts: int
    events: int


def write(root: Path, database: str, size: Size) -> None:
    """A configuration folder and the files it names."""
    drop = root / "drop"
    drop.mkdir(parents=True)
    people = generate(round(size.contacts / SHARE), PROFILES["base"], SEED)
    _lines(drop / "people.jsonl", _persons(people))
    _lines(drop / "orders.jsonl", _orders([one for one in people.email if one], size.events))
    _json(root / "config" / "hub.yaml", {"version": 1, "database": database, "region": "AU", "timezone": "UTC"})
    for name, stream in ID_AND_KIND.items():
        connection = {
            "kind": "files",
            "config": {"path": f"drop/{name}.jsonl", "format": "jsonl"},
            "streams": {name: stream},
        }
        _json(root / "config" / "connections" / f"{name}.yaml", connection)


def _persons(people: People) -> Iterator[dict[str, Any]]:
    names = ("full", "email", "phone", "birth", "street", "city", "postcode")
    columns = [getattr(people, name) for name in names]
    for external_id, *said in zip(people.external_id, *columns, strict=True):
        yield {"id": external_id} | {name: value for name, value in zip(names, said, strict=True) if value}


def _orders(emails: Sequence[str], number: int) -> Iterator[dict[str, Any]]:
    rng, giant = random.Random(SEED), min(GIANT, number // 10)
    for one in range(number):
        price, quantity = rng.randint(200, 9_900), rng.randint(1, 3)
        yield {
            "id": f"o{one}",
            "number": f"#{one}",
            "placed_at": f"20{rng.randint(20, 25)}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}T10:00:00Z",
            "status": "paid",
            "currency": "AUD",
            "total": f"{price * quantity / 100:.2f}",
            "email": emails[0] if one < giant else rng.choice(emails),
            "items": [{"title": rng.choice(TITLES), "quantity": quantity, "price": f"{price / 100:.2f}"}],
        }


def _lines(path: Path, rows: Iterator[dict[str, Any]]) -> None:
    with path.open("w") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)


def _json(path: Path, content: Any) -> None:
    """JSON, which is YAML too."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content))
    path.chmod(0o640)
