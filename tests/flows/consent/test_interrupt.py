"""Ctrl-C between two steps: what is under way is finished, the rest waits, and nothing more is pushed."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from hub.cli.interrupt import stop_on_interrupt
from tests.flows.consent.town import Town, hub_of, open_town


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    with open_town(tmp_path) as found:
        found.welcome("Charlie", 158, consent="UNSUBSCRIBED")
        yield found


@contextmanager
def interrupted(_step: str) -> Iterator[Callable[[], bool]]:
    """Ctrl-C before the first step."""
    yield lambda: True


def test_the_first_asks_to_stop_and_the_second_stops() -> None:
    with stop_on_interrupt("batch") as asked:
        assert not asked()
        signal.raise_signal(signal.SIGINT)
        assert asked()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)


def test_what_comes_after_the_steps_is_interrupted_at_once() -> None:
    with stop_on_interrupt("batch"):
        pass
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)


def test_a_sync_that_was_asked_to_stop_pushes_nothing(
    town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub = hub_of(tmp_path, f"sqlite:///{tmp_path / 'hub.db'}")
    hub.here("sync", "--no-push")
    monkeypatch.setattr("hub.cli.sync.stop_on_interrupt", interrupted)
    hub.here("sync")
    assert not any(town.writes().values())
    assert len(hub.here("plan", "--json").document["operations"]) == 3


def test_a_push_that_was_asked_to_stop_leaves_its_changes_for_the_next(
    town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub = hub_of(tmp_path, f"sqlite:///{tmp_path / 'hub.db'}")
    hub.here("sync", "--no-push")
    with monkeypatch.context() as patch:
        patch.setattr("hub.cli.push.stop_on_interrupt", interrupted)
        stopped = hub.here("push", "--json").document
    assert stopped["pushed"] == {"withdrawals": 0, "grants": 0, "segments": 0}
    assert not any(town.writes().values())
    hub.here("push")
    assert town.consents("newsletter") == [("email", "charlie@example.com", "out")]
