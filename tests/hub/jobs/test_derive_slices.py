"""A derive run lets others have their turn, hears that it should stop, and keeps the resolver's lease meanwhile."""

from __future__ import annotations

import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from hub.jobs.queue import derive_place, queued
from hub.stages import golden, resolve
from hub.stages.golden import contacts
from hub.stages.map import marks
from hub.stages.resolve import Resolver
from hub.store import heart
from hub.store.engine import Store
from hub.store.leases import TERM, stale
from tests.hub.jobs.play import drain, performer, put_in, run_out
from tests.hub.world import (
    STANDARD,
    always,
    compiled,
    connection,
    derived,
    land_and_map,
    opened,
    page,
    person,
    rows,
    settings,
    stream,
    sync,
)

PEOPLE = [person(f"p{number}", name=f"Person {number}", email=f"p{number}@example.com") for number in range(12)]
NOTHING = settings(connection(always()))


@pytest.fixture
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resolve, "CHUNK", 5)
    monkeypatch.setattr(golden, "CHUNK", 4)


def waiting_derive(store: Store) -> int:
    return put_in(store, "news", "derive", derive_place("test-hub"))


@pytest.mark.fault("P15")
@pytest.mark.usefixtures("small_steps")
def test_a_long_derive_run_is_done_in_slices_and_makes_what_one_run_makes(store: Store, tmp_path: Path) -> None:
    land_and_map(store, PEOPLE)
    waiting_derive(store)
    ends = drain(store, NOTHING, slice_seconds=0.0)
    assert [end.status for end in ends] == ["queued"] * (len(ends) - 1) + ["ok"]
    assert len(ends) > 5
    assert ends[-1].message.startswith("in its last slice: ")
    with opened(f"sqlite:///{tmp_path / 'other.db'}") as other:
        land_and_map(other, PEOPLE)
        waiting_derive(other)
        assert [end.status for end in drain(other, NOTHING)] == ["ok"]
        assert derived(other) == derived(store)


@pytest.mark.fault("P04")
@pytest.mark.usefixtures("small_steps")
def test_asked_to_stop_a_derive_run_stops_after_a_transaction_and_goes_on_from_there(store: Store) -> None:
    stop = threading.Event()
    land_and_map(store, PEOPLE)
    run_id = waiting_derive(store)

    def resolved_some(_: Any, __: Any, statement: str, *___: Any) -> None:
        if "golden_mark" in statement:  # the first increment writes its marks
            stop.set()

    event.listen(store.writer, "after_cursor_execute", resolved_some)
    end = performer(store, NOTHING, asked_to_stop=stop.is_set).perform(run_id)
    assert end is not None
    assert (end.status, end.exit_code) == ("queued", 0)
    assert 0 < len(rows(store, marks)) < len(PEOPLE)
    with store.read() as db:
        assert [run.id for run in queued(db)] == [run_id]
    assert drain(store, NOTHING)[-1].status == "ok"
    assert len(rows(store, contacts)) == len(PEOPLE)


@pytest.mark.fault("P04")
def test_asked_to_stop_while_it_maps_anew_a_pull_goes_on_there_and_has_asked_the_vendor_nothing(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []
    sync(store, connection(always(page(PEOPLE))))
    monkeypatch.setattr("hub.stages.pull.REMAP_CHUNK", 5)
    other = stream(mapper=compiled({"record": "person", "map": {"name": "name"}}))

    def pull(*words: object) -> Any:
        asked.append(words)
        return iter(())

    found = settings(connection(pull, other))
    run_id = put_in(store)
    end = performer(store, found, asked_to_stop=_second_time()).perform(run_id)
    assert end is not None
    assert (end.status, asked) == ("queued", [])
    assert drain(store, found)[0].status == "ok"
    assert len(asked) == 1


def _second_time() -> Any:
    """Asked the first time, before anything begins, nobody wants it to stop."""
    answers = iter([False])
    return lambda: next(answers, True)


@pytest.mark.fault("P15")
def test_a_resolver_that_thinks_for_longer_than_its_lease_keeps_it(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heart, "BEAT_SECONDS", 0.02)
    with Resolver(store, STANDARD) as resolver:
        assert resolver.held.term == TERM > timedelta(0)
        run_out(store)
        for _ in range(200):
            with store.read() as db:
                if not stale(db):
                    break
            threading.Event().wait(0.02)
        else:
            raise AssertionError("nobody renewed it")
