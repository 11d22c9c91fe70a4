"""`hub up`: the pages, the scheduler and the worker in one process, until it is told to stop."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import requests

from tests.flows.terminal import Hub, attended
from tests.flows.world import World

STREAMS = {
    ("desk", "people"),
    ("help", "users"),
    ("help", "tickets"),
    ("loyalty", "people"),
    ("newsletter", "members"),
    ("newsletter", "tags"),
    ("shop", "customers"),
    ("shop", "orders"),
    ("texts", "numbers"),
    ("texts", "messages"),
}

DERIVE = ("hub", "derive")


def test_scheduled_streams_run_by_themselves_and_sigterm_ends_it_cleanly(world: World, tmp_path: Path) -> None:
    hub = Hub(world.config, f"sqlite:///{tmp_path / 'hub.db'}")
    with attended(hub.start("up", "--port", "0")) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        link = next(word for word in process.stdout.readline().split() if word.startswith("http://"))
        ended: set[tuple[str, str]] = set()
        while ended < STREAMS | {DERIVE}:  # what was pulled becomes contacts in a run of its own, after the last pull
            event = json.loads(process.stderr.readline())
            if event["event"] == "run.ended":
                assert event["status"] == "ok", event
                ended.add((event["connection"], event["stream"]))
        assert requests.get(link, timeout=10).status_code == 200
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 0
        assert "Stopping at the next page." in process.stderr.read()
    told = hub.here("runs", "--json").document["runs"]
    assert {(run["connection"], run["stream"]) for run in told if run["kind"] == "pull"} == STREAMS
    assert {run["status"] for run in told} == {"ok"}
    assert hub.here("sync", "--json").document["contacts"]["created"] == 0
