"""However many programs decide at once, what follows is worked out by one at a time, and nobody waits for ever."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import pytest

from hub.admin import following as following_module
from hub.admin.following import Following
from hub.stages.pausing import Between, Stopped
from tests.hub.admin.api.calling import Program
from tests.hub.admin.browsing import waiting_runs
from tests.hub.admin.estate import Estate

ALICE, BOB = "alice@example.com", "bob@example.com"


@dataclass
class Slow:
    """Stands in for deriving: it goes on until it is let, counts how often it began and how many were at it at once."""

    goes: int = 0
    most_at_once: int = 0
    begun: threading.Event = field(default_factory=threading.Event)
    let: threading.Event = field(default_factory=threading.Event)
    _at_once: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, _store: Any, _settings: Any, between: Between) -> None:
        with self._lock:
            self.goes += 1
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
        self.begun.set()
        try:
            while not self.let.wait(0.01):
                between()
        finally:
            with self._lock:
                self._at_once -= 1


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Iterator[Slow]:
    made = Slow()
    monkeypatch.setattr(following_module, "derive", made)
    yield made
    made.let.set()


class Counted(threading.Condition):
    """Knows how many have begun to wait."""

    arrived = 0

    def wait(self, timeout: float | None = None) -> bool:
        self.arrived += 1  # whoever waits holds the lock
        return super().wait(timeout)


def test_all_who_come_while_one_is_at_it_have_the_next_go_together(hub: Estate, slow: Slow) -> None:
    changed = Counted()
    follow = Following(hub.store, hub.settings, seconds=60.0, _changed=changed)
    with ThreadPoolExecutor(12) as threads:
        first = threads.submit(follow)
        assert slow.begun.wait(30)
        others = [threads.submit(follow) for _ in range(11)]
        while changed.arrived < len(others):
            time.sleep(0.01)
        slow.let.set()
        for one in (first, *others):
            one.result(60)
    assert (slow.goes, slow.most_at_once) == (2, 1)


def test_nobody_waits_longer_than_a_page_does(hub: Estate, slow: Slow) -> None:
    follow = Following(hub.store, hub.settings, seconds=0.2)
    with ThreadPoolExecutor(6) as threads:
        for one in [threads.submit(follow) for _ in range(6)]:
            one.result(10)
    assert slow.most_at_once == 1
    assert not slow.let.is_set()


def test_a_go_that_fails_lets_the_next_one_begin(hub: Estate, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError

    follow = Following(hub.store, hub.settings, seconds=30.0)
    monkeypatch.setattr(following_module, "derive", broken)
    for _ in range(2):
        with pytest.raises(RuntimeError):
            follow()


def test_a_decision_stands_though_what_follows_was_broken_off_and_one_run_waits_to_end_it(
    hub: Estate, desk: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken_off(*_: Any, **__: Any) -> None:
        raise Stopped

    monkeypatch.setattr(following_module, "derive", broken_off)
    for kind in ("apart", "merge"):
        desk.done("/decisions", {"kind": kind, "contacts": [ALICE, BOB]})
    desk.done(f"/consent/email/{ALICE}", {"action": "withdraw"})
    assert waiting_runs(hub.store) == ["derive"]
