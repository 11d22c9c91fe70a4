"""The laws of pulling let a right source pass and catch wrong ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, ClassVar

import pytest

from connectors.kit.base import Cursor, Finding, Page, Source, Stream
from connectors.kit.clock import Clock
from connectors.kit.errors import ConnectorError, VendorDown
from connectors.kit.http import Http, Patience
from connectors.kit.simulator import Simulator, serve
from connectors.kit.testing import FakeClock, SourceConformance
from tests.connectors.kit.toyshop import PEOPLE, TOKEN, ToySimulator, ToySource


class TestARightSource(SourceConformance):
    source_class: ClassVar[type[Source]] = ToySource
    kind: type[ToySource] = ToySource
    secrets = (TOKEN, "toy-stranger-token")

    def make_simulator(self) -> Simulator:
        return ToySimulator(self.clock)

    def make_source(self, base_url: str) -> Source:
        return self.kind(base_url, TOKEN, self.clock)

    def make_stranger(self, base_url: str) -> Source:
        return self.kind(base_url, "toy-stranger-token", self.clock)

    def held(self, simulator: Any, stream: Stream) -> set[str]:
        return set(simulator.people)

    def edit_one(self, simulator: Any, stream: Stream) -> str:
        simulator.people["3"] = self.clock.now()
        return "3"


class LosesTheLastPage(ToySource):
    def pull(self, stream: Stream, cursor: Cursor | None) -> Iterator[Page]:
        return iter(list(super().pull(stream, cursor))[:-1])


class RunsAheadWithItsCursor(ToySource):
    def pull(self, stream: Stream, cursor: Cursor | None) -> Iterator[Page]:
        for page in super().pull(stream, cursor):
            yield replace(page, cursor=Cursor(position=self.clock.now()))


class SwallowsErrors(ToySource):
    def pull(self, stream: Stream, cursor: Cursor | None) -> Iterator[Page]:
        try:
            yield from super().pull(stream, cursor)
        except ConnectorError:
            return


class TellsItsToken(ToySource):
    def pull(self, stream: Stream, cursor: Cursor | None) -> Iterator[Page]:
        try:
            yield from super().pull(stream, cursor)
        except VendorDown as error:
            raise VendorDown(f"{error} with {TOKEN}") from None


class KeepsNoCursor(ToySource):
    def pull(self, stream: Stream, cursor: Cursor | None) -> Iterator[Page]:
        return super().pull(stream, None)


class GivesUpAtOnce(ToySource):
    def __init__(self, base_url: str, token: str, clock: Clock) -> None:
        super().__init__(base_url, token, clock)
        self.close()
        self.http = Http(base_url, headers={"X-Token": token}, clock=clock, patience=Patience(tries=1))

    def pull(self, stream: Stream, cursor: Cursor | None) -> Iterator[Page]:
        try:
            yield from super().pull(stream, cursor)
        except VendorDown:
            return


class ReadsForEver(ToySource):
    def pull(self, stream: Stream, cursor: Cursor | None) -> Iterator[Page]:
        while True:
            self.http.get("people")
            yield Page((), Cursor())


class WritesInItsCheck(ToySource):
    def check(self) -> Iterator[Finding]:
        self.http.post("people/1", json={"at": self.clock.now().isoformat()})
        yield from super().check()


@pytest.mark.parametrize(
    ("wrong", "law"),
    [
        (LosesTheLastPage, lambda laws: laws.test_a_full_pull_brings_every_record_once(PEOPLE)),
        (LosesTheLastPage, lambda laws: laws.test_what_was_fetched_is_what_the_vendor_sent(PEOPLE)),
        (RunsAheadWithItsCursor, lambda laws: laws.test_a_cursor_never_goes_back_nor_into_the_lag(PEOPLE)),
        (RunsAheadWithItsCursor, lambda laws: laws.test_a_pull_resumed_at_any_page_loses_nothing(PEOPLE)),
        (KeepsNoCursor, lambda laws: laws.test_a_second_pull_brings_only_what_the_lookback_asks_for(PEOPLE)),
        (SwallowsErrors, lambda laws: laws.test_a_vendor_that_stays_down_is_an_error(PEOPLE)),
        (SwallowsErrors, lambda laws: laws.test_a_web_page_is_never_no_records(PEOPLE, after=0)),
        (SwallowsErrors, lambda laws: laws.test_refused_credentials_are_an_auth_error(PEOPLE)),
        (TellsItsToken, lambda laws: laws.test_a_vendor_that_stays_down_is_an_error(PEOPLE)),
        (GivesUpAtOnce, lambda laws: laws.test_passing_trouble_changes_nothing(PEOPLE, "503", times=1)),
        (ReadsForEver, lambda laws: laws.test_a_page_that_comes_again_and_again_ends_the_pull(PEOPLE)),
        (WritesInItsCheck, lambda laws: laws.test_check_finds_a_good_connection_good_and_only_reads()),
    ],
)
def test_the_laws_catch(wrong: type[ToySource], law: Callable[[TestARightSource], None]) -> None:
    laws = TestARightSource()
    laws.kind, laws.clock = wrong, FakeClock()
    with serve(laws.make_simulator()) as server:
        laws.simulator, laws.base_url = server.simulator, server.base_url
        with pytest.raises((AssertionError, pytest.fail.Exception)):
            law(laws)
