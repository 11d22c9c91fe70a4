"""Small worlds for the laws of resolving: histories that hypothesis draws, and how they are lived through."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from hypothesis import strategies as st
from sqlalchemy import Connection, delete, select

from connectors.kit.base import Record
from dedupe.engine.weights import load
from dedupe.pins import said_of
from hub import audit
from hub.decide import CannotDecide, apart, merge, pin, say_of_value, split, undo
from hub.queries.contact import show
from hub.queries.find import NotFound, find
from hub.stages import order, resolve
from hub.stages.crowds import GOOD, SHARED
from hub.stages.golden import contacts
from hub.stages.map import people
from hub.stages.notes import notes
from hub.stages.reading import decisions
from hub.store.engine import Store
from hub.store.operating.audit import AuditEntry
from hub.store.operating.notes import Note
from hub.store.sql import table
from hub.store.tables import DERIVED, FACTS, OPERATING
from tests.hub.world import (
    always,
    connection,
    contacts_of,
    derived,
    gone,
    land_and_map,
    person,
    record_id,
    rows,
    settings,
)

MODEL = replace(load(), strong_cap=2, weak_cap=4, limit=4)
"""Small enough for a world of seven records to cross its limits."""

SETTINGS = replace(settings(connection(always())), model=MODEL)

EVERYTHING = 0
KINDS = ["apart", "merge", "pin", "split", "undo", "value"]

IDS = "abcdefg"
NAMES = ["Alice Adams", "Alicia Adams", "Alice Brown", "Robert Adams", "Robert Adams Jr", ""]


@dataclass(frozen=True)
class Land:
    records: tuple[Record, ...]


@dataclass(frozen=True)
class Decide:
    """`kind` is merge, apart, split, value, pin or undo; the numbers choose among what is there at that moment."""

    kind: str
    first: int
    second: int


@dataclass(frozen=True)
class Resolve:
    """`chunk`: how many marks one increment takes; EVERYTHING: all records are resolved at once, whoever is marked.

    `whole`: until none is left, or only one increment.
    """

    chunk: int
    whole: bool


Step = Land | Decide | Resolve


@dataclass(frozen=True)
class Words:
    """What the records of one world may say: few values, so that they meet."""

    names: list[str]
    emails: list[str]
    phones: list[str]
    births: list[str]
    loyalty: list[str]
    streets: list[str]


words = st.builds(
    Words,
    names=st.lists(st.sampled_from(NAMES), min_size=1, max_size=4),
    emails=st.sampled_from([["a@x.com"], ["a@x.com", "b@x.com"], ["a@x.com", "b@x.com", ""]]),
    phones=st.sampled_from([[""], ["", "0491570156"], ["", "0491570156", "0491570157"]]),
    births=st.sampled_from([[""], ["", "1980-01-01", "1990-05-05"]]),
    loyalty=st.sampled_from([[""], ["", "L1", "L2"]]),
    streets=st.sampled_from([[""], ["", "PO Box 12"], ["", "12 High Street", "3/12 High Street", "PO Box 14"]]),
)


@st.composite
def records(draw: st.DrawFn, said: Words) -> Record:
    one = person(
        draw(st.sampled_from(IDS)),
        name=draw(st.sampled_from(said.names)),
        email=draw(st.sampled_from(said.emails)),
        phone=draw(st.sampled_from(said.phones)),
        born=draw(st.sampled_from(said.births)),
        loyalty=draw(st.sampled_from(said.loyalty)),
        street=draw(st.sampled_from(said.streets)),
        job=draw(st.sampled_from("12")),
    )
    return gone(one) if draw(st.integers(0, 6)) == 0 else one


def steps(said: Words, deciding: bool = True) -> st.SearchStrategy[Step]:
    small = st.integers(0, 9)
    landing = st.lists(records(said), min_size=1, max_size=3).map(lambda found: Land(tuple(found)))
    resolving = st.builds(Resolve, st.sampled_from([1, 2, 1_000, EVERYTHING]), st.booleans())
    decision = st.builds(Decide, st.sampled_from(KINDS), small, small)
    return st.one_of(landing, landing, resolving, decision if deciding else landing)


def histories(deciding: bool = True, longest: int = 14) -> st.SearchStrategy[list[Step]]:
    return words.flatmap(lambda said: st.lists(steps(said, deciding), min_size=2, max_size=longest))


def emptied(store: Store) -> Store:
    """The store as if nothing had ever happened in it; only the audit, which nobody can delete, goes on."""

    def work(db: Connection) -> None:
        for model in (*reversed(DERIVED), *reversed(FACTS), *OPERATING):
            if model is Note:
                db.execute(delete(notes).where(notes.c.name != audit.HEAD))
            elif model is not AuditEntry:
                db.execute(delete(table(model)))

    store.write(work)
    return store


def derive(store: Store, chunk: int = 1_000) -> None:
    with _stepping(chunk):
        order.derive(store, SETTINGS)


@contextmanager
def _stepping(chunk: int) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(resolve, "CHUNK", chunk or 1)
        patched.setattr(resolve, "BULK_FROM", 1 if chunk == EVERYTHING else 1_000)
        yield


def resolve_once(store: Store, chunk: int) -> None:
    """One increment and no more: the rest keeps waiting."""
    with _stepping(chunk), resolve.Resolver(store, MODEL) as resolver:
        resolver.step()


def rebuilt(store: Store) -> dict[str, str]:
    order.rebuild(store, SETTINGS)
    return derived(store)


def decide(store: Store, step: Decide) -> None:
    with suppress(CannotDecide):
        store.write(lambda db: _deciders[step.kind](db, store, step.first, step.second))


def _merge(db: Connection, store: Store, first: int, second: int) -> None:
    known = sorted(set(contacts_of(store).values()))
    if known:
        merge(db, known[first % len(known)], known[second % len(known)], "steward", "")


def _split(db: Connection, store: Store, first: int, second: int) -> None:
    home = contacts_of(store)
    if home:
        contact = home[sorted(home)[first % len(home)]]
        mates = sorted(one for one in home if home[one] == contact)
        named = [mate for at, mate in enumerate(mates) if (second + 1) >> at & 1]
        split(db, [record_id(store, one) for one in named or mates], "steward", "")


def _undo(db: Connection, store: Store, first: int, second: int) -> None:
    standing = sorted(db.execute(select(decisions.c.id).where(decisions.c.revoked_at.is_(None))).scalars())
    if standing:
        undo(db, standing[first % len(standing)], "steward")


def _apart(db: Connection, store: Store, first: int, second: int) -> None:
    if known := sorted(set(contacts_of(store).values())):
        apart(db, known[first % len(known)], known[second % len(known)], "steward", "")


def _value(db: Connection, store: Store, first: int, second: int) -> None:
    kind, value = [("email", "a@x.com"), ("phone", "+61491570156"), ("identifier", "loyalty=L1")][first % 3]
    say_of_value(db, kind, value, [SHARED, GOOD][second % 2], "steward", "")


def _pin(db: Connection, store: Store, first: int, second: int) -> None:
    home = sorted(contacts_of(store))
    if home:
        one = record_id(store, home[first % len(home)])
        field = ["job_title", "name", "emails"][second % 3]
        said = said_of(db.execute(select(people.c.fields).where(people.c.record_id == one)).scalar_one(), field)
        pin(db, one, field, said[-1] if said else None, "steward", "")


_deciders: dict[str, Callable[[Connection, Store, int, int], None]] = {
    "apart": _apart,
    "merge": _merge,
    "pin": _pin,
    "split": _split,
    "undo": _undo,
    "value": _value,
}


def live(store: Store, history: Iterable[Step]) -> Iterator[Step]:
    """Live through a history, step by step."""
    for step in history:
        match step:
            case Land(records):
                land_and_map(store, records)
            case Decide():
                decide(store, step)
            case Resolve(chunk, whole):
                derive(store, chunk) if whole else resolve_once(store, chunk)
        yield step


@dataclass
class Ids:
    """Every contact id that was ever shown, with the records it stood for when last seen."""

    shown: dict[str, set[str]] = field(default_factory=dict)

    def look(self, store: Store) -> None:
        """An id leads to one contact as long as any record lives that it stood for; retired ids are told."""
        now = contacts_of(store)
        for key in sorted(self.shown):
            home = leads_to(store, key)
            if home is None:
                assert not self.shown.pop(key) & now.keys(), f"{key} leads nowhere"
            else:
                self.shown[key] = {one for one, contact in now.items() if contact == home}
        for contact in sorted(set(now.values())):
            self.shown[contact] = {one for one, home in now.items() if home == contact}
        self._told(store)

    def _told(self, store: Store) -> None:
        with store.read() as db:
            told = {
                row["id"]: [row["id"], *show(db, SETTINGS, row["id"])["retired_ids"]] for row in rows(store, contacts)
            }
        every = [one for ids in told.values() for one in ids]
        assert len(every) == len(set(every))
        assert self.shown.keys() <= set(every)
        for contact, ids in told.items():
            assert {leads_to(store, one) for one in ids} == {contact}


def leads_to(store: Store, key: str) -> str | None:
    with store.read() as db:
        try:
            return find(db, key, None).contact_id
        except NotFound:
            return None


def landed_once(history: Sequence[Any]) -> list[Record]:
    """All records of a history, in order, tombstones included."""
    return [record for step in history if isinstance(step, Land) for record in step.records]
