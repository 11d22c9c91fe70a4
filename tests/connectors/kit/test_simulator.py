"""The base of the simulators: what it serves, what it writes down and how it fails when told to."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest
import requests

from connectors.kit.simulator import Fault, serve
from connectors.kit.testing import FakeClock
from tests.connectors.kit.toyshop import TOKEN, ToySimulator

NOON = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)


class Shop:
    """The toy shop and somebody who asks it."""

    def __init__(self, server: serve[ToySimulator], session: requests.Session) -> None:
        self.simulator, self.url, self.session = server.simulator, server.base_url, session

    def people(self) -> requests.Response:
        return self.session.get(f"{self.url}/people", headers={"X-Token": TOKEN})

    def touch(self, name: str = "3") -> requests.Response:
        return self.session.post(f"{self.url}/people/{name}", json={"at": NOON.isoformat()})

    def statuses(self) -> list[int]:
        return [entry.status for entry in self.simulator.ledger]


@pytest.fixture
def shop() -> Iterator[Shop]:
    with serve(ToySimulator(FakeClock(NOON))) as server, requests.Session() as session:
        yield Shop(server, session)


def test_the_ledger_knows_who_asked_what_and_what_they_got(shop: Shop) -> None:
    shop.session.get(f"{shop.url}/people", params={"offset": "6"}, headers={"X-Token": TOKEN})
    entry = shop.simulator.ledger[0]
    assert (entry.method, entry.path, entry.query) == ("GET", "/people", {"offset": "6"})
    assert (entry.status, entry.records, entry.effect, entry.at) == (200, {"people": 1}, None, NOON)


def test_the_ledger_of_a_write_holds_its_effect(shop: Shop) -> None:
    shop.touch()
    assert shop.simulator.ledger[0].effect == {"before": "2026-05-31T12:10:00+00:00", "after": NOON.isoformat()}


def test_the_ledger_is_read_over_http_and_does_not_list_that(shop: Shop) -> None:
    shop.people()
    shown = shop.session.get(f"{shop.url}/_sim/ledger").json()
    assert [(entry["path"], entry["records"], entry["at"]) for entry in shown] == [
        ("/people", {"people": 2}, NOON.isoformat())
    ]
    assert len(shop.simulator.ledger) == 1


def test_every_reply_is_dated_by_the_simulators_clock(shop: Shop) -> None:
    assert parsedate_to_datetime(shop.people().headers["Date"]) == NOON
    shop.session.post(f"{shop.url}/_sim/clock", json={"offset_seconds": 900})
    assert parsedate_to_datetime(shop.people().headers["Date"]) == NOON + timedelta(minutes=15)
    assert shop.simulator.now() == NOON + timedelta(minutes=15)


def test_a_scripted_status_hits_so_many_requests_after_so_many(shop: Shop) -> None:
    shop.simulator.script(
        Fault(match="/people", after=1, times=2, status=429, headers={"Retry-After": "7"}, body=b"no")
    )
    replies = [shop.people() for _ in range(4)]
    assert [reply.status_code for reply in replies] == [200, 429, 429, 200] == shop.statuses()
    assert (replies[1].headers["Retry-After"], replies[1].text) == ("7", "no")


def test_a_fault_leaves_other_paths_alone(shop: Shop) -> None:
    shop.simulator.script(Fault(match="/orders", status=500))
    assert shop.people().status_code == 200


def test_cleared_faults_happen_no_more(shop: Shop) -> None:
    shop.simulator.script(Fault(status=500))
    shop.simulator.clear_faults()
    assert shop.people().status_code == 200


def test_a_dropped_connection_does_no_work(shop: Shop) -> None:
    shop.simulator.script(Fault(drop=True))
    with pytest.raises(requests.ConnectionError):
        shop.touch()
    assert shop.simulator.people["3"] != NOON
    assert shop.statuses() == [0]


def test_a_lost_reply_does_its_work_and_counts_as_nothing_received(shop: Shop) -> None:
    shop.simulator.script(Fault(lose_reply=True, times=2))
    with pytest.raises(requests.ConnectionError):
        shop.touch()
    with pytest.raises(requests.ConnectionError):
        shop.people()
    assert shop.simulator.people["3"] == NOON
    assert [(entry.status, entry.records) for entry in shop.simulator.ledger] == [(0, {}), (0, {})]
    assert shop.simulator.ledger[0].effect is not None


def test_a_repeated_reply_is_the_one_before(shop: Shop) -> None:
    first = shop.people().content
    shop.simulator.script(Fault(repeat=True))
    shop.session.post(f"{shop.url}/_sim/clock", json={"offset_seconds": 0})
    assert shop.touch().content == first


def test_a_delayed_reply_is_late_and_right(shop: Shop) -> None:
    shop.simulator.script(Fault(delay=0.05))
    at = time.monotonic()
    assert shop.people().json()["next"] == 2
    assert time.monotonic() - at >= 0.05


def test_faults_are_scripted_over_http_too(shop: Shop) -> None:
    shop.session.post(f"{shop.url}/_sim/faults", json=[{"status": 503, "body": "down"}, {"status": 500}])
    assert [shop.people().status_code for _ in range(3)] == [503, 500, 200]


def test_whoever_holds_the_lock_has_the_vendor_stand_still(shop: Shop) -> None:
    asking = threading.Thread(target=shop.people)
    with shop.simulator.lock:
        asking.start()
        asking.join(0.05)
        assert asking.is_alive()
        assert shop.simulator.ledger == []
    asking.join()
    assert shop.statuses() == [200]


STANDALONE = """
from connectors.kit.simulator import run_standalone
from connectors.kit.clock import Clock
from tests.connectors.kit.toyshop import ToySimulator
def build(seed):
    simulator = ToySimulator(Clock())
    simulator.people = {name: simulator.now() for name in seed}
    return simulator
run_standalone(build)
"""


def test_a_simulator_runs_alone_from_a_seed_file_until_interrupted(tmp_path: Path) -> None:
    (tmp_path / "seed.json").write_text(json.dumps(["alice"]))
    command = [sys.executable, "-c", STANDALONE, "--seed-file", str(tmp_path / "seed.json")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        url = running.stdout.readline().strip()
        page = requests.get(f"{url}/people", headers={"X-Token": TOKEN}, timeout=5).json()
        os.kill(running.pid, signal.SIGINT)
        assert running.wait(5) == 0
    assert [person["id"] for person in page["people"]] == ["alice"]
