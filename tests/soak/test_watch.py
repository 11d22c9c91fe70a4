"""What is done about the runs that a blow met, and after how long, is noticed from what `hub runs` says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.flows.terminal import Hub
from tests.soak.asking import Asking
from tests.soak.watch import Blow, Watch


@pytest.fixture
def watch() -> Watch:
    return Watch(Asking(Hub(Path("nowhere"), "sqlite://")))


def run(status: str, attempt: int = 1, number: int = 5) -> dict[str, Any]:
    return {"id": number, "status": status, "attempt": attempt, "slices": 1}


def a_blow(seconds_ago: float) -> Blow:
    return Blow("child", datetime.now(UTC) - timedelta(seconds=seconds_ago))


def test_a_run_that_is_queued_again_was_noticed(watch: Watch) -> None:
    blow = a_blow(7)
    watch.take([run("running")])
    watch.hit(blow, watch.under_way())
    watch.take([run("running")])
    assert blow.seconds == float("inf")
    watch.take([run("queued", attempt=2)])
    assert 7 <= blow.seconds < 8
    watch.take([run("ok", attempt=2)])
    assert 7 <= blow.seconds < 8


def test_the_last_of_them_counts(watch: Watch) -> None:
    blow = a_blow(7)
    watch.hit(blow, [run("running"), run("queued", number=6)])
    watch.take([run("lost")])
    assert blow.seconds == float("inf")
    assert blow.as_json()["never"] == [6]


def test_a_blow_that_met_nothing_needs_no_notice(watch: Watch) -> None:
    blow = a_blow(7)
    watch.hit(blow, [])
    assert blow.seconds == 0
