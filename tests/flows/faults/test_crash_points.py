"""Who dies at a crash point of a `hub sync`, and whoever comes next: all is as if nothing had happened, vendors too."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from hub.crashpoints import POINTS, VARIABLE, Countdown
from hub.stages import notes
from hub.stages.anew import NOTE
from hub.store.engine import open_store
from tests.architecture import tree
from tests.flows.consent.day import MINUTE, State, a_day, finished, pull, start_at
from tests.flows.databases import Fresh
from tests.flows.terminal import attended

THREE_SYNCS = ("sync", "sync", "sync")

OF_THE_QUEUE = [point for point in POINTS if point.startswith("queue.")]
OF_A_NEW_MODEL = [point for point in POINTS if point.startswith("generation.")]
OF_A_SYNC = [point for point in POINTS if point not in (*OF_THE_QUEUE, *OF_A_NEW_MODEL)]

LATER = ["page.committed:3", "run.closed:4", "consent.attempted:2", "tags.answered:2"]
"""The same places, later on the way."""

QUICK = {"page.committed:3", "resolve.stored", "consent.answered"}
"""What `make test` has of them."""


def moments(points: list[str]) -> list[object]:
    return [pytest.param(point, marks=() if point in QUICK else pytest.mark.slow) for point in points]


def died(root: Path, fresh: Fresh, point: str) -> State:
    """On fresh vendors and an empty database: a sync that dies there, then three undisturbed ones."""
    with fresh() as url, a_day(root) as town:
        if point in OF_A_NEW_MODEL:
            pull(town, url)
            change_the_model(url)
        with attended(start_at(MINUTE, town, url, "sync", **{VARIABLE: point})) as process:
            assert process.wait() == -signal.SIGKILL
        return finished(town, url, THREE_SYNCS)


def change_the_model(url: str) -> None:
    """As if everything had been resolved by other weights."""
    store = open_store(url)
    store.write(lambda db: notes.put(db, NOTE, "of yesterday"))
    store.close()


@pytest.mark.fault("P01")
@pytest.mark.fault("P14")
@pytest.mark.fault("W02")
@pytest.mark.parametrize("point", moments([*OF_A_SYNC, *LATER, *OF_A_NEW_MODEL]))
def test_a_sync_that_dies_at_a_crash_point_is_finished_by_the_next(
    point: str, fresh: Fresh, tmp_path: Path, undisturbed: State
) -> None:
    state = died(tmp_path, fresh, point)
    assert state.changes == undisturbed.changes
    assert state.tags == undisturbed.tags
    assert state.shown == undisturbed.shown
    assert [name for name in undisturbed.digest if state.digest[name] != undisturbed.digest[name]] == []


@pytest.mark.parametrize("point", POINTS)
def test_every_crash_point_is_a_place_in_the_source(point: str) -> None:
    places = [tree.name(path) for path in tree.python_files() if f'crashpoint("{point}")' in path.read_text()]
    assert len(places) == 1


def test_a_crash_point_that_there_is_none_of_is_refused() -> None:
    with pytest.raises(ValueError, match=r"names no crash point: page\.comitted"):
        Countdown("page.comitted:2")


def test_a_crash_point_counts() -> None:
    ended: list[str] = []
    countdown = Countdown("page.committed:3")
    countdown.end = lambda: ended.append("here")  # type: ignore[method-assign]
    for _ in range(2):
        countdown.met()
    assert ended == []
    countdown.met()
    countdown.met()
    assert ended == ["here"]
