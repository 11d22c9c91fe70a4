"""The bulk door: what is in use stays whole until the switch, and nothing is lost if it ends at any moment."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import count
from typing import Any

import pytest
from sqlalchemy import Connection, delete, inspect, select

from hub.stages import bulk, notes, resolve
from hub.stages.crowds import match_keys, popular_keys
from hub.stages.golden import contacts
from hub.stages.increment import reviews
from hub.stages.map import marks
from hub.stages.reading import edges, members
from hub.store.engine import Store
from hub.store.generation import BESIDE, Generation
from hub.store.leases import LeaseLost, leases, take
from tests.hub import world
from tests.hub.stages.small_worlds import leads_to
from tests.hub.stages.ways import at_once, in_increments
from tests.hub.world import (
    ALICE,
    ALICE_AGAIN,
    BOB,
    CHARLIE,
    STANDARD,
    contacts_of,
    derived,
    gone,
    groups,
    land_and_map,
    partition,
    person,
    questions,
    rows,
)

CAST = [ALICE, BOB, ALICE_AGAIN, CHARLIE]
ALISE = person("alise", name="Alise Adams", email="alice@example.com")
STRICT = replace(STANDARD, automatic=90_000)
REPLACED = (match_keys, popular_keys, members, edges, reviews)


class Killed(Exception):
    """What a test raises where a process would end."""


def killed(*_: Any) -> None:
    raise Killed


def golden(store: Store) -> set[str]:
    return {row["id"] for row in rows(store, contacts)}


def tables_beside(store: Store) -> list[str]:
    return [name for name in inspect(store.writer).get_table_names() if name.endswith(BESIDE)]


def test_it_gives_what_increments_give(store: Store) -> None:
    land_and_map(store, CAST)
    at_once(store)
    before = derived(store)
    assert partition(store) == groups("alice alice-2", "bob", "charlie")
    assert rows(store, marks) == []
    land_and_map(store, [gone(BOB), ALISE])
    in_increments(store)
    land_and_map(store, [BOB, gone(ALISE)])
    in_increments(store)
    assert derived(store) == before


def test_killed_after_the_switch_the_next_resolver_tells_every_contact(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No record is marked, so that nothing else would ever tell that Alise has left Alice's contact."""
    land_and_map(store, [*CAST, ALISE])
    world.derive(store)
    assert partition(store) == groups("alice alice-2 alise", "bob", "charlie")
    with monkeypatch.context() as patched:
        patched.setattr(bulk, "_tell", killed)
        with pytest.raises(Killed):
            world.derive(store, STRICT)
    assert golden(store) != set(contacts_of(store).values())
    assert rows(store, marks) == []
    world.derive(store, STRICT)
    assert golden(store) == set(contacts_of(store).values())
    with store.read() as db:
        assert notes.get(db, bulk.UNTOLD) == "no"


@pytest.mark.parametrize("step", ["begin", "fill", "finish", "switch"])
def test_killed_before_the_switch_nothing_in_use_has_changed(
    store: Store, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    land_and_map(store, CAST)
    at_once(store)
    before = derived(store)
    land_and_map(store, [person("alice-2", name="Dora Drew", email="dora@example.com"), gone(BOB)])
    meanwhile = derived(store)
    with monkeypatch.context() as patched:
        patched.setattr(Generation, step, _killed_the_third_time() if step == "fill" else killed)
        with pytest.raises(Killed):
            at_once(store)
    assert derived(store) == meanwhile
    assert partition(store) == groups("alice alice-2", "charlie")
    at_once(store)
    assert partition(store) == groups("alice", "alice-2", "charlie")
    assert golden(store) == set(contacts_of(store).values())
    assert tables_beside(store) == []
    land_and_map(store, [ALICE_AGAIN, BOB])
    at_once(store)
    assert derived(store) == before


def _killed_the_third_time() -> Callable[..., None]:
    fill, times = Generation.fill, count(1)

    def filling(beside: Generation, into: Any, some: Iterable[Any]) -> None:
        fill(beside, into, some)
        if next(times) == 3:
            raise Killed

    return filling


def while_thinking(monkeypatch: pytest.MonkeyPatch, work: Callable[[], object]) -> None:
    """Do something, once, while everything is being resolved."""
    partition_, todo = bulk.partition, [work]

    def thinking(*given: Any) -> Any:
        if todo:
            todo.pop()()
        return partition_(*given)

    monkeypatch.setattr(bulk, "partition", thinking)


def test_a_mark_set_anew_while_it_thinks_survives(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    land_and_map(store, CAST)
    moved = person("alice-2", name="Dora Drew", email="dora@example.com")
    while_thinking(monkeypatch, lambda: land_and_map(store, [moved]))
    resolved = at_once(store)
    assert resolved.records == len(CAST) + 1
    assert partition(store) == groups("alice", "alice-2", "bob", "charlie")
    assert rows(store, marks) == []


def test_who_lost_the_lease_stops_before_the_switch(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    land_and_map(store, CAST)
    at_once(store)
    land_and_map(store, [gone(BOB)])
    before = derived(store)

    def taken_over(db: Connection) -> None:
        db.execute(delete(leases))
        take(db, resolve.LEASE)

    while_thinking(monkeypatch, lambda: store.write(taken_over))
    with pytest.raises(LeaseLost):
        at_once(store)
    assert derived(store) == before
    store.write(lambda db: db.execute(delete(leases)))
    at_once(store)
    assert partition(store) == groups("alice alice-2", "charlie")


def test_a_reader_sees_the_old_generation_to_its_end(store: Store) -> None:
    land_and_map(store, [*CAST, ALISE])
    world.derive(store, STRICT)
    with store.read() as db:
        old = {table.name: db.execute(select(table)).all() for table in REPLACED}
    with store.read() as db:
        assert db.execute(select(edges)).all() == old[edges.name]
        world.derive(store)
        assert {table.name: db.execute(select(table)).all() for table in REPLACED} == old
        with store.read() as later:
            assert later.execute(select(members)).all() != old[members.name]
    assert partition(store) == groups("alice alice-2 alise", "bob", "charlie")


def test_generations_follow_each_other_with_all_their_indexes(store: Store) -> None:
    land_and_map(store, CAST)
    world.derive(store)
    first, before = _indexed(store), derived(store)
    assert first["match_key"] == {("record_id", "key", "signature")}
    for turn in range(3):
        land_and_map(store, [person("alice", **{**ALICE.data, "job": f"job {turn}"})])
        at_once(store)
        assert _indexed(store) == first
    land_and_map(store, [ALICE])
    in_increments(store)
    assert derived(store) == before


def _indexed(store: Store) -> dict[str, set[tuple[str, ...]]]:
    look = inspect(store.writer)
    return {
        table.name: {tuple(str(name) for name in index["column_names"]) for index in look.get_indexes(table.name)}
        for table in REPLACED
    }


def counted(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """Its next value tells how many times everything was resolved at once."""
    times = count()
    resolve_everything = bulk.resolve_everything

    def counting(*given: Any) -> Any:
        next(times)
        return resolve_everything(*given)

    monkeypatch.setattr(resolve, "resolve_everything", counting)
    return times


def test_another_model_goes_through_it_however_few_there_are(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    land_and_map(store, [*CAST, ALISE])
    world.derive(store)
    times = counted(monkeypatch)
    world.derive(store, STRICT)
    world.derive(store, STRICT)
    assert next(times) == 1
    assert partition(store) == groups("alice alice-2", "alise", "bob", "charlie")
    assert {pair for pair in questions(store) if "alise" in pair}


@pytest.mark.parametrize(("waiting", "times"), [(["alice"], 0), (["alice", "bob"], 1)])
def test_it_opens_for_a_share_of_all_records_however_many_there_are(
    sqlite_store: Store, monkeypatch: pytest.MonkeyPatch, waiting: list[str], times: int
) -> None:
    store = sqlite_store
    land_and_map(store, [*CAST, *(person(f"{at}", name=f"Nobody {at}") for at in range(4))])
    in_increments(store)
    monkeypatch.setattr(resolve, "CHUNK", 1)
    monkeypatch.setattr(resolve, "BULK_FROM", 1)
    monkeypatch.setattr(resolve, "BULK_SHARE", 4)
    opened = counted(monkeypatch)
    land_and_map(store, [person(one.id, **{**one.data, "job": "new"}) for one in CAST if one.id in waiting])
    world.derive(store)
    assert next(opened) == times


@pytest.mark.fault("D12")
def test_who_is_gone_names_its_heir_although_the_model_changes_before_its_turn(store: Store) -> None:
    land_and_map(store, [ALICE])
    world.derive(store)
    land_and_map(store, [ALICE_AGAIN])
    world.derive(store)
    shown = contacts_of(store)["alice"]
    assert contacts_of(store)["alice-2"] == shown
    land_and_map(store, [gone(ALICE)])
    world.derive(store, STRICT)
    assert contacts_of(store)["alice-2"] != shown
    assert leads_to(store, shown) == contacts_of(store)["alice-2"]
