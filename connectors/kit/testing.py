"""What connector tests are made of: a clock that costs no time, and the laws every source keeps.

    class TestShopSource(SourceConformance):
        source_class = ShopSource
        secrets = (TOKEN,)

        def make_simulator(self) -> Simulator:                      # three pages and more of every stream
            simulator = ShopSimulator(now=self.clock.now)
            ...
            return simulator

        def make_source(self, base_url: str) -> Source:             # asks and sleeps by self.clock
            return ShopSource(config_for(base_url, TOKEN), clock=self.clock)

        def make_stranger(self, base_url: str) -> Source:           # the same with credentials the vendor refuses
            return ShopSource(config_for(base_url, "wrong"), clock=self.clock)

        def held(self, simulator: Any, stream: Stream) -> set[str]: # the ids a full pull must bring
            return set(simulator.customers)

        def edit_one(self, simulator: Any, stream: Stream) -> str:  # somebody changes a record at the vendor
            ...

A source that reads no HTTP inherits from PullLaws and writes make_source() for itself.
"""

# ruff: noqa: S101 - tests, though they stand where connectors outside of this repository find them
from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any, ClassVar

import pytest

from connectors.kit.base import Cursor, Page, Source, Stream
from connectors.kit.clock import Clock
from connectors.kit.cursors import start_of
from connectors.kit.errors import AuthError, BadPayload, ConnectorError, PagingLoop, VendorDown
from connectors.kit.simulator import Fault, Simulator, serve

ENDLESS = 10_000
MOST_PAGES = 500
MAINTENANCE = b"<!doctype html><title>Down for maintenance</title><p>Back soon."


class FakeClock(Clock):
    """Stands still except that a sleep moves it. `slept` lists the sleeps in seconds."""

    def __init__(self, start: datetime = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)) -> None:
        self._start = start
        self._passed = 0.0
        self._lock = threading.Lock()
        self.slept: list[float] = []

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self._passed)

    def monotonic(self) -> float:
        return self._passed

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self.slept.append(seconds)
            self._passed += seconds

    def advance(self, step: timedelta) -> None:
        """Let time pass without anybody having slept."""
        with self._lock:
            self._passed += step.total_seconds()


def ids_of(pages: list[Page]) -> list[str]:
    return sorted(record.id for page in pages for record in page.records)


def last_cursor(pages: list[Page]) -> Cursor | None:
    return pages[-1].cursor if pages else None


class PullLaws:
    """The laws of pulling, whatever the source reads from; each runs for every stream.

    Time is `self.clock`. Between a pull and an edit an hour passes, more than any stream's lag.
    """

    source_class: ClassVar[type[Source]]
    clock: FakeClock

    def open_source(self) -> Source:
        """A source that reads what the test's vendor holds now; called anew for every pull."""
        raise NotImplementedError

    def all_ids(self, stream: Stream) -> set[str]:
        """The ids a full pull of this stream must bring."""
        raise NotImplementedError

    def change_one(self, stream: Stream) -> str:
        """Change one record where the source reads, at the time of self.clock; returns its id."""
        raise NotImplementedError

    @classmethod
    def pytest_generate_tests(cls, metafunc: pytest.Metafunc) -> None:
        if "stream" in metafunc.fixturenames:
            metafunc.parametrize("stream", cls.source_class.streams, ids=lambda stream: stream.name)

    @pytest.fixture(autouse=True)
    def _clock(self) -> None:
        self.clock = FakeClock()

    def pull(self, stream: Stream, cursor: Cursor | None = None, most: int = MOST_PAGES) -> list[Page]:
        with closing(self.open_source()) as source:
            return list(islice(source.pull(stream, cursor), most))

    def test_a_full_pull_brings_every_record_once(self, stream: Stream) -> None:
        pages = self.pull(stream)
        assert len(pages) >= 3, "the test needs three pages or more of every stream"
        assert ids_of(pages) == sorted(self.all_ids(stream))

    def test_a_cursor_never_goes_back_nor_into_the_lag(self, stream: Stream) -> None:
        positions = [page.cursor.position for page in self.pull(stream) if page.cursor.position is not None]
        assert positions == sorted(positions)
        assert all(position <= self.clock.now() - stream.lag for position in positions)

    def test_a_pull_resumed_at_any_page_loses_nothing(self, stream: Stream) -> None:
        pages = self.pull(stream)
        for done in range(1, len(pages) + 1):
            resumed = self.pull(stream, pages[done - 1].cursor)
            assert set(ids_of(pages[:done])) | set(ids_of(resumed)) == self.all_ids(stream), f"after page {done}"

    def test_a_second_pull_brings_only_what_the_lookback_asks_for(self, stream: Stream) -> None:
        first = self.pull(stream)
        cursor = last_cursor(first)
        start = start_of(cursor, stream)
        records = [record for page in first for record in page.records]
        expected = {r.id for r in records if start is None or r.changed_at is None or r.changed_at >= start}
        assert set(ids_of(self.pull(stream, cursor))) <= expected

    def test_an_edited_record_comes_with_the_next_pull(self, stream: Stream) -> None:
        cursor = last_cursor(self.pull(stream))
        self.clock.advance(timedelta(hours=1))
        edited = self.change_one(stream)
        self.clock.advance(timedelta(hours=1))
        assert edited in ids_of(self.pull(stream, cursor))


SURVIVED = {
    "429": Fault(status=429, headers={"Retry-After": "2"}, body=b"{}"),
    "503": Fault(status=503, headers={"Content-Type": "text/html"}, body=MAINTENANCE),
    "late by a moment": Fault(delay=0.01),
    "dropped connection": Fault(drop=True),
    "lost reply": Fault(lose_reply=True),
}


class SourceConformance(PullLaws):
    """The laws of pulling and those of a source that reads over HTTP from its vendor's simulator.

    `faulty` is the part of a path that only requests for records have; scripted faults hit these.
    """

    secrets: ClassVar[tuple[str, ...]]
    faulty: ClassVar[str] = ""
    simulator: Any
    base_url: str

    def make_simulator(self) -> Simulator:
        raise NotImplementedError

    def make_source(self, base_url: str) -> Source:
        raise NotImplementedError

    def make_stranger(self, base_url: str) -> Source:
        raise NotImplementedError

    def held(self, simulator: Any, stream: Stream) -> set[str]:
        raise NotImplementedError

    def edit_one(self, simulator: Any, stream: Stream) -> str:
        raise NotImplementedError

    def throttle(self) -> Fault:
        """How this vendor says "too fast", where it is not by a 429."""
        return SURVIVED["429"]

    @pytest.fixture(autouse=True)
    def _vendor(self, _clock: None) -> Iterator[None]:
        with serve(self.make_simulator()) as server:
            self.simulator, self.base_url = server.simulator, server.base_url
            yield

    def open_source(self) -> Source:
        return self.make_source(self.base_url)

    def all_ids(self, stream: Stream) -> set[str]:
        return self.held(self.simulator, stream)

    def change_one(self, stream: Stream) -> str:
        return self.edit_one(self.simulator, stream)

    def script(self, fault: Fault, *, after: int, times: int) -> None:
        self.simulator.script(replace(fault, match=self.faulty, after=after, times=times))

    def failure(self, act: Callable[[], object]) -> ConnectorError:
        """The error that `act` ends in, which must not give a secret away."""
        with pytest.raises(ConnectorError) as caught:
            act()
        error: BaseException | None = caught.value
        while error is not None:
            assert not [s for s in self.secrets if s in f"{error} {error!r}"], "a secret is in the error's text"
            error = error.__cause__ or error.__context__
        return caught.value

    def test_what_was_fetched_is_what_the_vendor_sent(self, stream: Stream) -> None:
        fetched = sum(page.fetched for page in self.pull(stream))
        assert fetched == sum(entry.records.get(stream.name, 0) for entry in self.simulator.ledger)

    @pytest.mark.parametrize("times", [1, 2])
    @pytest.mark.parametrize("name", [*SURVIVED, "throttle"])
    def test_passing_trouble_changes_nothing(self, stream: Stream, name: str, times: int) -> None:
        self.script(SURVIVED.get(name) or self.throttle(), after=1, times=times)
        assert ids_of(self.pull(stream)) == sorted(self.all_ids(stream))

    def test_a_vendor_that_stays_down_is_an_error(self, stream: Stream) -> None:
        self.script(SURVIVED["503"], after=1, times=ENDLESS)
        assert isinstance(self.failure(lambda: self.pull(stream)), VendorDown)

    @pytest.mark.parametrize("after", [0, 1])
    def test_a_web_page_is_never_no_records(self, stream: Stream, after: int) -> None:
        page = Fault(status=200, headers={"Content-Type": "text/html"}, body=MAINTENANCE)
        self.script(page, after=after, times=ENDLESS)
        assert isinstance(self.failure(lambda: self.pull(stream)), BadPayload | VendorDown)

    def test_a_page_that_comes_again_and_again_ends_the_pull(self, stream: Stream) -> None:
        self.script(Fault(repeat=True), after=2, times=ENDLESS)
        try:
            pages = self.pull(stream)
        except PagingLoop:
            return
        assert len(pages) < MOST_PAGES, "the pull reads the same page for ever"

    def test_refused_credentials_are_an_auth_error(self, stream: Stream) -> None:
        with closing(self.make_stranger(self.base_url)) as stranger:
            assert isinstance(self.failure(lambda: list(stranger.pull(stream, None))), AuthError)

    def test_check_finds_a_good_connection_good_and_only_reads(self) -> None:
        with closing(self.open_source()) as source:
            findings = list(source.check())
        assert findings
        assert [finding for finding in findings if not finding.ok] == []
        assert [entry for entry in self.simulator.ledger if entry.effect is not None] == []

    def test_check_finds_refused_credentials(self) -> None:
        with closing(self.make_stranger(self.base_url)) as stranger:
            assert [finding.subject for finding in stranger.check() if not finding.ok][:1] == ["auth"]

    def test_check_finds_a_vendor_that_is_down(self) -> None:
        self.simulator.script(Fault(status=503, times=ENDLESS))
        with closing(self.open_source()) as source:
            assert [finding for finding in source.check() if not finding.ok]
