"""How soon a password may be tried again: later with each failure, by name and by address, and never never."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from hub.store.engine import Store
from hub.users.tries import ADDRESS, FORGOTTEN, NAME, begin_try, failures, forgive

NOW = datetime(2026, 5, 1, tzinfo=UTC)


def tried(store: Store, name: str = "alice", address: str = "192.0.2.1", now: datetime = NOW) -> timedelta | None:
    return store.write(lambda db: begin_try(db, name, address, now))


@pytest.mark.fault("A06")
def test_the_wait_doubles_with_each_failure_up_to_five_minutes_whatever_address_they_come_from(store: Store) -> None:
    now, waits = NOW, []
    for number in range(16):
        assert tried(store, address=f"192.0.2.{number}", now=now) is None
        with store.read() as db:
            next_try = db.execute(select(failures.c.next_try_at).where(failures.c.who.like("name:%"))).scalar_one()
        if next_try > now:
            assert tried(store, address="198.51.100.1", now=next_try - timedelta(seconds=1)) == timedelta(seconds=1)
        waits.append(int((next_try - now).total_seconds()))
        now = next_try
    assert waits == [0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]


@pytest.mark.fault("A06")
def test_a_day_without_failures_is_a_new_beginning(store: Store) -> None:
    for _ in range(NAME.free):
        assert tried(store) is None
    assert tried(store) is not None
    later = NOW + FORGOTTEN + NAME.longest
    assert [tried(store, now=later) is None for _ in range(NAME.free + 1)] == [True] * NAME.free + [False]


@pytest.mark.fault("A06")
def test_one_address_that_tries_many_names_waits_too(store: Store) -> None:
    allowed = [tried(store, name=f"user{number}") is None for number in range(100)]
    assert allowed == [True] * ADDRESS.free + [False] * (100 - ADDRESS.free)


@pytest.mark.fault("A06")
def test_all_addresses_of_one_ipv6_network_are_one(store: Store) -> None:
    allowed = sum(tried(store, f"user{number}", f"2001:db8::{number:x}") is None for number in range(1, 100))
    assert allowed == ADDRESS.free
    assert tried(store, "user1", "2001:db8:0:1::1") is None


@pytest.mark.fault("A06")
def test_a_hundred_at_the_same_moment_are_no_way_around(store: Store) -> None:
    with ThreadPoolExecutor(8) as crowd:
        answers = list(crowd.map(lambda number: tried(store, "alice", f"192.0.2.{number}"), range(100)))
    assert answers.count(None) == NAME.free


def test_a_right_password_gives_the_name_a_new_beginning_and_the_address_none(store: Store) -> None:
    for _ in range(NAME.free):
        assert tried(store) is None
        store.write(lambda db: forgive(db, "alice", "192.0.2.1", NOW))
    assert all(tried(store, f"user{number}") is None for number in range(ADDRESS.free))
    assert tried(store, "bob") is not None


def test_neither_names_nor_addresses_can_be_read_from_the_table(store: Store) -> None:
    tried(store, "my password by mistake")
    with store.read() as db:
        kept = list(db.execute(select(failures.c.who)).scalars())
        assert db.execute(select(func.count()).select_from(failures)).scalar() == 2
    assert not any("mistake" in who or "192" in who for who in kept)
