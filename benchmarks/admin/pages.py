"""What is looked at: each kind of page, another one of its kind each time."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from urllib.parse import quote

from benchmarks.admin.reviewing import Reviewer
from benchmarks.admin.visitor import Visitor

Kinds = Mapping[str, Callable[[Random], float]]
"""Name of a kind of page -> opens one of it, and gives the ms that it took."""

MOST_KNOWN = 20_000


@dataclass(frozen=True)
class Known:
    """What may be asked for: ids of contacts, the one with the most events, and what people are searched by."""

    ids: Sequence[str]
    giant: str
    names: Sequence[str]
    emails: Sequence[str]
    phones: Sequence[str]


def said(root: Path) -> dict[str, list[str]]:
    """The names, addresses and numbers in the file that the hub was filled from."""
    found: dict[str, list[str]] = {"full": [], "email": [], "phone": []}
    with (root / "drop" / "people.jsonl").open() as file:
        for row in map(json.loads, _first(file)):
            for name, values in found.items():
                if row.get(name):
                    values.append(row[name])
    return found


def _first(lines: Iterator[str]) -> Iterator[str]:
    return (line for _, line in zip(range(MOST_KNOWN), lines, strict=False))


def kinds_for(visitor: Visitor, known: Known) -> Kinds:
    """For one visitor, who has questions of their own to answer."""
    reviewer = Reviewer(visitor)

    def page(address: Callable[[Random], str]) -> Callable[[Random], float]:
        return lambda rng: visitor.get(address(rng))[1]

    def search(typed: Callable[[Random], str]) -> Callable[[Random], float]:
        return page(lambda rng: f"/contacts?q={quote(typed(rng))}")

    return {
        "home": page(lambda _: "/"),
        "review: the queue": page(lambda _: "/review"),
        "review: next": reviewer.next,
        "review: begin": reviewer.begin,
        "contact": page(lambda rng: f"/contacts/{rng.choice(known.ids)}"),
        "contact: timeline": page(lambda rng: f"/contacts/{rng.choice(known.ids)}?tab=timeline"),
        "contact: 10,000 events": page(lambda _: f"/contacts/{known.giant}"),
        "contact: 10,000 events, timeline": page(lambda _: f"/contacts/{known.giant}?tab=timeline"),
        "search: e-mail": search(lambda rng: rng.choice(known.emails)),
        "search: phone": search(lambda rng: rng.choice(known.phones)),
        "search: name": search(lambda rng: rng.choice(known.names)),
        "search: as one types": search(lambda rng: rng.choice(known.names)[: rng.randint(3, 6)]),
        "search: name with a slip": search(lambda rng: slip(rng, rng.choice(known.names))),
    }


def slip(rng: Random, name: str) -> str:
    """The name as somebody types it who is in a hurry: two letters of it swapped."""
    if len(name) < 3:
        return name
    place = rng.randrange(1, len(name) - 1)
    return name[:place] + name[place + 1] + name[place] + name[place + 2 :]
