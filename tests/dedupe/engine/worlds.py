"""Random small worlds in which clashes are common, for the laws."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from hypothesis import strategies as st

from dedupe.engine.coding import Hashes
from dedupe.engine.population import Entry, hashes_from
from dedupe.engine.record import Features
from dedupe.links import Link, Links, links_in_force, pair_of
from tests.dedupe.cast import HOME, STANDARD, record, says, shared_keys
from tests.dedupe.told import Told, told

MODEL = replace(STANDARD, limit=6)
"""Small enough that random worlds go over it."""

Row = tuple[int, str, str, Link]
"""A decision: its number, two birth ids, what was said."""

EMAILS = ("reid@example.com", "bracegirdle@example.com", "bracegridle@example.com", "info@example.com")
PHONES = (HOME, "+61480555012")
CARDS = ("L1", "L2", "vip=L1")
BIRTHS = ("", "", "1958-04-02", "1958-04-20", "1989-09-17")
NAMES = ("", "Ian Reid", "Ian Reid jr", "Katherine Reid", "Kate Reid", "Kate Esposito", "Robert Reid", "Ian", "I Reid")
HOUSES = ("12 High Street, Perth, 6000", "5/12 High Street, Perth, 6000", "77 Low Road, Perth, 6050")


def some(values: Iterable[str], most: int) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(list(values)), max_size=most, unique=True)


people: st.SearchStrategy[Features] = st.builds(
    says,
    st.sampled_from(NAMES),
    email=some(EMAILS, 2),
    phone=some(PHONES, 1),
    card=some(CARDS, 2),
    born=st.sampled_from(BIRTHS),
    lives=some(HOUSES, 1),
    company=st.sampled_from(["", "", "Acme", "Bolt"]),
)


@dataclass(frozen=True)
class World:
    entries: tuple[Entry, ...]
    rows: tuple[Row, ...]
    popular: tuple[int, ...]

    @property
    def links(self) -> Links:
        return links_in_force(self.rows)

    @property
    def crowded(self) -> Hashes:
        return hashes_from(self.popular)

    def resolve(self, likely: bool = False) -> Told:
        return told(self.entries, self.crowded, self.links, MODEL, likely)


@st.composite
def worlds(draw: st.DrawFn, links: bool = True, popular: bool = True) -> World:
    said = draw(st.lists(people, min_size=2, max_size=9))
    landed = draw(st.lists(st.integers(0, 4), min_size=len(said), max_size=len(said)))
    entries = tuple(record(f"r{at}", *one, at) for at, one in enumerate(zip(said, landed, strict=True)))
    rows: list[Row] = []
    for number in range(draw(st.integers(0, 4)) if links else 0):
        left, right = draw(st.lists(st.sampled_from(entries), min_size=2, max_size=2, unique_by=lambda one: one.key))
        rows.append((number, *pair_of(left.birth_id, right.birth_id), draw(st.sampled_from(Link))))
    keys = sorted({key for one in said for key in shared_keys(one).view("i8").tolist()})
    crowded = draw(st.frozensets(st.sampled_from(keys), max_size=2)) if popular and keys else frozenset()
    return World(entries, tuple(rows), tuple(sorted(crowded)))


def homes(found: Told) -> dict[str, str]:
    """Birth id -> contact id."""
    return {entry.birth_id: one.contact_id for one in found.clusters for entry in one.members}
