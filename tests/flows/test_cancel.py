"""Cancelling a run at the command line."""

from __future__ import annotations

from hub.jobs.queue import PULL, PUSH, push_place, queue_run
from hub.stages.place import Place
from tests.flows.terminal import Hub
from tests.flows.test_reconcile import club
from tests.hub.world import opened

__all__ = ["club"]


def test_a_run_that_waits_is_cancelled_and_one_that_has_ended_is_not(club: Hub, database_url: str) -> None:
    with opened(database_url) as store:
        place = Place("main", "club", "people")
        waits = store.write(lambda db: queue_run(db, place, PULL, "soon", "a test"))
    assert f"run {waits} is cancelled" in club.here("runs", str(waits), "--cancel").stderr
    (run,) = club.here("runs", str(waits), "--json").document["runs"]
    assert run["status"] == "cancelled"
    assert run["message"] == f"cancelled by {run['cancelled_by']}"
    assert "has ended already" in club.here("runs", str(waits), "--cancel", code=2).stderr
    with opened(database_url) as store:
        pushing = store.write(lambda db: queue_run(db, push_place("main", "club"), PUSH, "soon", "a test"))
    assert f"run {pushing} is cancelled" in club.here("runs", str(pushing), "--cancel").stderr
    assert "say which run" in club.here("runs", "--cancel", code=2).stderr
