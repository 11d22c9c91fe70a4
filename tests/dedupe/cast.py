"""The cast of these tests: records written as one would say them, and results as one would read them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from datetime import date

from hypothesis import settings

from dedupe.features import Entry, Features, stable_key
from dedupe.keys import keys_of
from dedupe.links import Link, Links, links_in_force, pair_of
from dedupe.model import STANDARD, Model
from dedupe.resolve import Partition, resolve

HOME = "+61400000001"
"""The phone that Alice, Bob and their children answer."""

NOBODY: frozenset[int] = frozenset()

unhurried = settings(deadline=None)
"""For laws: a busy machine is no counterexample."""


def says(
    name: str = "",
    *,
    email: str | Sequence[str] = (),
    phone: str | Sequence[str] = (),
    card: str | Sequence[str] = (),
    born: str = "",
) -> Features:
    """What a record says. `name` is "first last suffix"; "." stands for a part that is missing."""
    parts = ["" if part == "." else part.lower() for part in f"{name} . . .".split()]
    return Features(
        first=parts[0],
        last=parts[1],
        suffix=parts[2],
        birth=date.fromisoformat(born) if born else None,
        emails=_set(email),
        phones=_set(phone),
        identifiers=frozenset(("loyalty", number) for number in _set(card)),
    )


def record(label: str, features: Features, born: int = 0) -> Entry:
    """A record that landed as number `born`; its birth id sorts otherwise than its label."""
    return Entry(born, f"id-{label[::-1]}", born, stable_key("shop", "customers", label), features)


def records(**said: Features) -> list[Entry]:
    """Records by label, landed in the order given."""
    return [record(label, features, born) for born, (label, features) in enumerate(said.items())]


def label_of(entry: Entry) -> str:
    return entry.key[2].decode()


def contacts(partition: Partition) -> set[str]:
    """Each contact as the labels of its records in order, for instance {"alice", "bob bob2"}."""
    return {" ".join(sorted(label_of(entry) for entry in one.members)) for one in partition.clusters}


def questions(partition: Partition) -> set[tuple[str, str, str]]:
    return {(one.kind, *sorted((label_of(one.left), label_of(one.right)))) for one in partition.reviews}


def key_hashes(features: Features) -> frozenset[int]:
    return frozenset(key.hash for key in keys_of(features))


def decided(entries: Iterable[Entry], *decisions: tuple[str, str, Link]) -> Links:
    """Decisions by label, the oldest first."""
    ids = {label_of(entry): entry.birth_id for entry in entries}
    rows = [(number, *pair_of(ids[left], ids[right]), link) for number, (left, right, link) in enumerate(decisions)]
    return links_in_force(rows)


def resolved(
    entries: Iterable[Entry],
    *decisions: tuple[str, str, Link],
    popular: Set[int] = NOBODY,
    model: Model = STANDARD,
) -> Partition:
    everyone = list(entries)
    return resolve(everyone, popular, decided(everyone, *decisions), model)


def _set(values: str | Sequence[str]) -> frozenset[str]:
    return frozenset([values] if isinstance(values, str) else values)
