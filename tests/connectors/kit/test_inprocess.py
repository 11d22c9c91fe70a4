"""Simulators that are asked without sockets: the transport, the ledger and the faults are those of the wire."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
import requests
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from connectors.kit.errors import VendorDown
from connectors.kit.http import Http, Patience
from connectors.kit.inprocess import inprocess
from connectors.kit.simulator import Fault, Simulator, json_body
from connectors.kit.testing import FakeClock
from tests.connectors.kit.toyshop import PEOPLE, TOKEN, ToySimulator, ToySource

NOON = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
HERE = "http://toy.sim"


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOON)


@pytest.fixture
def toys(clock: FakeClock) -> Iterator[ToySimulator]:
    simulator = ToySimulator(clock)
    with inprocess({HERE: simulator}):
        yield simulator


def test_a_source_pulls_what_it_would_pull_over_a_socket(toys: ToySimulator, clock: FakeClock) -> None:
    with closing(ToySource(HERE, TOKEN, clock)) as source:
        pages = list(source.pull(PEOPLE, None))
    assert [record.id for page in pages for record in page.records] == list(toys.people)
    assert [(entry.path, entry.status) for entry in toys.ledger] == [("/people", 200)] * 4


def test_the_reply_has_its_status_its_headers_and_the_vendors_date(toys: ToySimulator) -> None:
    toys.clock_offset = timedelta(hours=1)
    reply = requests.get(f"{HERE}/people?offset=6", timeout=1)
    assert (reply.status_code, reply.json()) == (401, {"error": "who are you?"})
    assert reply.headers["Date"] == "Mon, 01 Jun 2026 13:00:00 GMT"
    assert toys.ledger[0].query == {"offset": "6"}


@pytest.mark.parametrize("body", [{"at": NOON.isoformat()}, {"at": "2026-06-01T12:00:00+00:00", "note": "Zoë"}])
def test_a_body_arrives_whole(toys: ToySimulator, body: dict[str, str]) -> None:
    requests.post(f"{HERE}/people/3", json=body, timeout=1)
    assert toys.people["3"] == NOON


@pytest.mark.parametrize(("fault", "done"), [(Fault(lose_reply=True), True), (Fault(drop=True), False)])
def test_a_simulator_can_hang_up_before_or_after_the_work(
    toys: ToySimulator, clock: FakeClock, fault: Fault, done: bool
) -> None:
    toys.script(fault)
    with closing(Http(HERE, clock=clock, patience=Patience(tries=1))) as http, pytest.raises(VendorDown):
        http.post("people/3", json={"at": NOON.isoformat()})
    assert (toys.people["3"] == NOON) is done
    assert [entry.status for entry in toys.ledger] == [0]


def test_a_late_reply_is_not_waited_for(toys: ToySimulator) -> None:
    toys.script(Fault(delay=3600))
    assert requests.get(f"{HERE}/people", timeout=1).status_code == 401


class Nosy(Simulator):
    """Tells of each request what it was."""

    def routes(self) -> list[Route]:
        return [Route("/{rest:path}", self.tell, methods=["PUT"])]

    def tell(self, request: Request) -> Response:
        told = [request.url.path, request.headers["x-name"], json_body(request)["a"]]
        return Response("|".join(told).encode(), headers={"X-Host": request.headers["host"]})


def test_a_request_arrives_as_it_was_written() -> None:
    with inprocess({"http://nosy.sim:81": Nosy()}):
        reply = requests.put("http://nosy.sim:81/a%20b/c", json={"a": "d"}, headers={"X-Name": "Bob"}, timeout=1)
    assert (reply.text, reply.headers["X-Host"]) == ("/a b/c|Bob|d", "nosy.sim:81")


class Broken(Simulator):
    def routes(self) -> list[Route]:
        return [Route("/", self.stumble)]

    def stumble(self, _request: Request) -> Response:
        raise KeyError("a fault of the simulator's own")


def test_what_goes_wrong_inside_a_simulator_is_not_taken_for_an_answer() -> None:
    with inprocess({HERE: Broken()}), pytest.raises(KeyError):
        requests.get(HERE, timeout=1)


def test_other_addresses_and_later_requests_go_where_they_always_went(toys: ToySimulator) -> None:
    with inprocess({"http://other.sim": toys}):
        assert requests.get("http://other.sim/people", timeout=1).status_code == 401
    with pytest.raises(requests.ConnectionError):
        requests.get("http://toy.sim.invalid/people", timeout=1)
    with pytest.raises(requests.ConnectionError):
        requests.get("http://other.sim/people", timeout=1)
