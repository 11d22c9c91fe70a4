"""A record that kills every worker that maps it: two die, one finds out, and the next does all the others."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from hub.jobs.sweeper import MOST_ATTEMPTS
from hub.settings.settings import Settings
from hub.stages.land import landed
from hub.stages.map import people, refusals
from hub.store.engine import Store
from mapping.models import Mapped
from tests.hub.jobs.play import drain, performer, put_in, run_out, sweep, the_run
from tests.hub.world import MAP_PEOPLE, Pulling, always, connection, minute, page, person, rows, settings, stream, sync

PEOPLE = [person(f"p{number}", at=minute(number), name=f"Person {number}") for number in range(1, 9)]


class Killed(BaseException):
    """What the end of a worker looks like from inside."""


class Deadly:
    """A mapper that ends the process at these records."""

    def __init__(self, *names: str) -> None:
        self.names = names
        self.kind, self.fingerprint = MAP_PEOPLE.kind, MAP_PEOPLE.fingerprint
        self.died: list[str] = []

    def __call__(self, data: Any) -> Mapped:
        if data["id"] in self.names:
            self.died.append(data["id"])
            raise Killed
        return MAP_PEOPLE(data)


def vendor(mapper: Any, pull: Pulling) -> Settings:
    return settings(connection(pull, replace(stream(), mapper=mapper)), hold={"share": "50%"})


def go_on_until_done(store: Store, found: Settings) -> int:
    """Perform the run; whenever its worker dies the next sweep puts it back. How many died."""
    run_id, died = put_in(store), 0
    while the_run(store)["status"] == "queued":
        try:
            performer(store, found).perform(run_id)
        except Killed:
            died += 1
            run_out(store)
            sweep(store, found)
    return died


@pytest.mark.fault("P05")
def test_a_record_that_kills_is_refused_after_three_deaths_and_all_others_are_mapped(store: Store) -> None:
    mapper = Deadly("p3")
    found = vendor(mapper, always(page(PEOPLE[:4]), page(PEOPLE[4:])))
    assert go_on_until_done(store, found) == 3
    assert (the_run(store)["status"], the_run(store)["attempt"]) == ("ok", 4)
    assert {row["external_id"] for row in rows(store, people)} == {f"p{number}" for number in range(1, 9)} - {"p3"}
    assert len(rows(store, landed)) == 8, "it is kept as it came"
    assert [row["code"] for row in rows(store, refusals)] == ["crashes_worker"]
    drain(store, found)
    (end,) = sync(store, *found.connections.values())
    assert (end.buckets.unchanged, len(mapper.died)) == (8, 3), "who is landed is not mapped again"


@pytest.mark.fault("P05")
def test_two_that_kill_are_both_found(sqlite_store: Store) -> None:
    found = vendor(Deadly("p3", "p7"), always(page(PEOPLE)))
    assert go_on_until_done(sqlite_store, found) == 4 == MOST_ATTEMPTS - 1
    assert len(rows(sqlite_store, people)) == 6
    assert [row["code"] for row in rows(sqlite_store, refusals)] == ["crashes_worker"] * 2


@pytest.mark.fault("P05")
def test_a_worker_that_dies_of_something_else_blames_no_record(sqlite_store: Store) -> None:
    deaths = iter([True, True, True, False])

    def pull(one: Any, cursor: Any) -> Any:
        yield page(PEOPLE[:4])
        if next(deaths):
            raise Killed
        yield page(PEOPLE[4:])

    assert go_on_until_done(sqlite_store, vendor(MAP_PEOPLE, pull)) == 3
    assert rows(sqlite_store, refusals) == []
    assert len(rows(sqlite_store, people)) == 8
