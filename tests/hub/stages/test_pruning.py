"""Pruning: old runs and plans go, a few at a time, and nobody who reasons from the runs notices."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from hub.settings.models import Keep
from hub.stages import pruning
from hub.stages.notices import attempts, notices
from hub.stages.passes import passes
from hub.stages.plan import plans
from hub.stages.pruning import prune
from hub.stages.runs import runs
from hub.store.engine import Store
from hub.watch.figures import figures
from tests.hub.watch.scene import ended, put, scene
from tests.hub.world import rows

DAY = 24 * 60.0
KEEP = Keep.model_validate({"runs": "90d", "plans": "30d", "notices": "20d"})


def forget(store: Store) -> int:
    return prune(store, datetime.now(UTC), KEEP)


def left(store: Store) -> list[tuple[str, str]]:
    return [(row["kind"], row["status"]) for row in sorted(rows(store, runs), key=lambda row: row["id"])]


def told(store: Store) -> Any:
    """What metrics say of the runs."""
    with store.read() as db:
        found = figures(db, scene())
    return found.runs_lost, [(one.name, one.records, one.last_status) for one in found.coming]


def test_old_runs_go_and_young_ones_stay(store: Store) -> None:
    ended(store, "ok", ago=200 * DAY)
    ended(store, "failed", ago=100 * DAY)
    ended(store, "ok", ago=89 * DAY)
    ended(store, "ok", ago=1)
    assert forget(store) == 2
    assert left(store) == [("pull", "ok"), ("pull", "ok")]
    assert forget(store) == 0


def test_the_newest_of_each_kind_stays_however_old_and_so_does_the_newest_good_one(store: Store) -> None:
    ended(store, "ok", ago=400 * DAY)
    ended(store, "held", ago=300 * DAY)
    ended(store, "ok", ago=300 * DAY, connection="hub", stream="derive", kind="derive")
    ended(store, "failed", ago=200 * DAY)
    ended(store, "failed", ago=199 * DAY)
    assert forget(store) == 2
    assert left(store) == [("pull", "held"), ("derive", "ok"), ("pull", "failed")]


def test_what_waits_or_runs_is_never_forgotten(store: Store) -> None:
    for status in ("queued", "running"):
        ended(store, status, ago=500 * DAY)
    ended(store, "ok", ago=1)
    assert forget(store) == 0


def test_counters_do_not_go_back(store: Store) -> None:
    """Prometheus takes a counter that falls for a restart, and would count all of the rest a second time."""
    ended(store, "ok", ago=400 * DAY, applied=7, quarantined=2, attempt=3)
    ended(store, "lost", ago=300 * DAY, applied=5)
    ended(store, "ok", ago=200 * DAY, applied=3)
    ended(store, "ok", ago=1, applied=1)
    before = told(store)
    assert before[0] == 3
    assert forget(store) == 3
    assert told(store) == before


def test_a_chunk_goes_at_a_time_and_of_many_sweepers_each_row_is_counted_once(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pruning, "CHUNK", 4)
    for number in range(19):
        ended(store, "ok", ago=(300 - number) * DAY, applied=1)
    before = told(store)
    with ThreadPoolExecutor(4) as threads:
        gone = list(threads.map(lambda _: forget(store), range(12)))
    assert (max(gone) <= 4, sum(gone), len(left(store))) == (True, 18, 1)
    assert told(store) == before


def test_plans_are_forgotten_after_a_month(store: Store) -> None:
    now = datetime.now(UTC)
    put(store, plans, id="old", made_at=now - timedelta(days=31), operations=[])
    put(store, plans, id="young", made_at=now - timedelta(days=29), operations=[])
    assert forget(store) == 1
    assert [row["id"] for row in rows(store, plans)] == ["young"]


def told_a_while_ago(store: Store, number: int, status: str, days: float, rule: str = "") -> None:
    at = datetime.now(UTC) - timedelta(days=days)
    settled_at = None if status in ("waiting", "sent") else at
    own = {"id": number, "event": f"evt_{number}", "target": "hook:crm", "status": status, "rule": rule}
    put(store, notices, **own, happened_at=at, next_try_at=at, settled_at=settled_at)
    put(store, attempts, notice_id=number, number=1)


def test_events_that_were_told_go_with_their_attempts_and_what_waits_and_every_task_stays(store: Store) -> None:
    for number, (status, days, rule) in enumerate(
        [
            ("delivered", 21, ""),
            ("dead", 21, ""),
            ("delivered", 19, ""),
            ("waiting", 300, ""),
            ("sent", 300, ""),
            ("delivered", 300, "call-them"),
        ],
        1,
    ):
        told_a_while_ago(store, number, status, days, rule)
    assert forget(store) == 2
    assert sorted(row["id"] for row in rows(store, notices)) == [3, 4, 5, 6]
    assert sorted(row["notice_id"] for row in rows(store, attempts)) == [3, 4, 5, 6]
    assert forget(store) == 0


def test_a_pass_goes_after_its_run_and_not_before_it_is_over(store: Store) -> None:
    at = datetime.now(UTC) - timedelta(days=100)
    for number, status in ((901, "done"), (902, "held"), (903, "abandoned")):
        put(store, passes, run_id=number, status=status, began_at=at, known_until=at)
    ended(store, "ok", ago=100 * DAY, id=903, kind="reconcile")
    assert forget(store) == 1
    assert sorted(row["run_id"] for row in rows(store, passes)) == [902, 903]
    ended(store, "ok", ago=1, kind="reconcile", id=904)
    assert forget(store) == 2
    assert [row["run_id"] for row in rows(store, passes)] == [902]
