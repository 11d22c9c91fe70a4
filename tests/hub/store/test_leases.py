"""Leases: one holder at a time; a dead or late one makes way; a holder that lost its lease writes nothing more."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta

import pytest
from sqlalchemy import Connection, text, update
from sqlalchemy.exc import OperationalError

from hub.store import leases as module
from hub.store.clock import database_now
from hub.store.engine import Store
from hub.store.leases import AlreadyRunning, Held, LeaseLost, give_back, leases, me, renew, take


def taken(store: Store, run_id: int | None = None) -> Held:
    return store.write(lambda db: take(db, "shop.customers", run_id))


def held_by(store: Store, holder: str) -> None:
    store.write(lambda db: db.execute(update(leases).values(holder=holder)))


def run_out(store: Store) -> None:
    def work(db: Connection) -> None:
        db.execute(update(leases).values(until=database_now(db) - timedelta(seconds=1)))

    store.write(work)


@pytest.mark.fault("P06")
def test_the_second_taker_is_told_who_runs_and_since_when(store: Store) -> None:
    taken(store, run_id=812)
    with pytest.raises(AlreadyRunning) as refused:
        taken(store)
    host, pid, _ = me().rsplit(":", 2)
    assert str(refused.value) == f"already running: shop.customers (run 812, {host} process {pid}, heartbeat 0 s ago)"
    assert refused.value.exit_code == 73


def test_another_name_is_another_lease(store: Store) -> None:
    taken(store)
    assert store.write(lambda db: take(db, "shop.orders")).dead_run is None


def test_what_was_given_back_can_be_taken(store: Store) -> None:
    first = taken(store)
    store.write(lambda db: give_back(db, first))
    assert taken(store).dead_run is None


def test_the_lease_of_a_process_that_died_passes_over_at_once(store: Store) -> None:
    taken(store, run_id=7)
    host = me().rsplit(":", 2)[0]
    with subprocess.Popen([sys.executable, "-c", "pass"]) as ended:
        ended.wait()
    held_by(store, f"{host}:{ended.pid}:12345")
    assert taken(store).dead_run == 7


def test_a_process_number_that_is_used_again_is_somebody_else(store: Store) -> None:
    taken(store, run_id=7)
    host, pid, started = me().rsplit(":", 2)
    held_by(store, f"{host}:{pid}:{started}0")
    assert taken(store).dead_run == 7


def test_a_zombie_is_dead(store: Store) -> None:
    with subprocess.Popen([sys.executable, "-c", "pass"], stdout=subprocess.PIPE) as ended:
        assert ended.stdout is not None
        ended.stdout.read()
        while module._started(ended.pid):
            pass
        host = me().rsplit(":", 2)[0]
        taken(store)
        held_by(store, f"{host}:{ended.pid}:12345")
        assert taken(store)


def test_a_holder_on_another_machine_is_believed_until_its_lease_runs_out(store: Store) -> None:
    taken(store, run_id=7)
    held_by(store, "elsewhere:1:1")
    with pytest.raises(AlreadyRunning, match="elsewhere process 1"):
        taken(store)
    run_out(store)
    assert taken(store).dead_run == 7


def test_renewing_keeps_others_away(store: Store) -> None:
    held = taken(store)
    run_out(store)
    store.write(lambda db: renew(db, held))
    with pytest.raises(AlreadyRunning):
        taken(store)


def test_a_holder_that_lost_its_lease_writes_nothing_more(store: Store) -> None:
    late = taken(store)
    run_out(store)
    taken(store)

    def checkpoint(db: Connection) -> None:
        db.execute(text("INSERT INTO note (name, value) VALUES ('too', 'late')"))
        renew(db, late)

    with pytest.raises(LeaseLost, match=r"shop\.customers"):
        store.write(checkpoint)
    with store.read() as db:
        assert db.execute(text("SELECT count(*) FROM note")).scalar() == 0


def test_giving_back_a_lost_lease_does_not_end_the_new_holders(store: Store) -> None:
    late = taken(store)
    run_out(store)
    new = taken(store)
    store.write(lambda db: give_back(db, late))
    store.write(lambda db: renew(db, new))


@pytest.mark.fault("P06")
def test_of_many_who_take_and_give_back_only_one_holds_at_a_time(store: Store) -> None:
    holding: list[int] = []
    turns: list[int] = []

    def work(number: int) -> None:
        for _ in range(25):
            with suppress(AlreadyRunning):
                held = taken(store)
                holding.append(number)
                turns.append(number)
                assert holding == [number]
                holding.remove(number)
                store.write(lambda db, held=held: give_back(db, held))

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(work, range(4)))
    assert turns


def test_a_lease_whose_answer_was_lost_is_found_as_ones_own(store: Store) -> None:
    tries: list[Held] = []

    def work(db: Connection) -> Held:
        tries.append(take(db, "resolver", run_id=len(tries) + 1))
        if len(tries) == 1:
            db.connection.commit()
            raise OperationalError("COMMIT", (), Exception("database is locked"))
        return tries[-1]

    held = store.write(work)
    assert [one.dead_run for one in tries] == [None, 1]
    store.write(lambda db: renew(db, held))
    with pytest.raises(AlreadyRunning):
        store.write(lambda db: take(db, "resolver"))
