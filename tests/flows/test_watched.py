"""`hub up` as machines see it: what it logs, what it answers, and that no person is in any of it."""

from __future__ import annotations

import json
import queue
import signal
import threading
import time
from pathlib import Path
from typing import IO

import pytest
import requests

from hub.demo.vendors import SECRETS
from tests.flows.terminal import Hub, attended
from tests.flows.world import World


def collected(stream: IO[str]) -> queue.Queue[str]:
    """Every line of a stream as it comes, read by a thread."""
    lines: queue.Queue[str] = queue.Queue()
    threading.Thread(target=lambda: [lines.put(line) for line in stream], daemon=True).start()
    return lines


def until(lines: queue.Queue[str], said: list[str], event: str, times: int) -> None:
    """Read on until so many lines of an event have come; all of them are kept in `said`."""
    while times:
        said.append(lines.get(timeout=60))
        times -= said[-1].startswith("{") and json.loads(said[-1])["event"] == event


def answer(url: str, wanted: int, patience: float = 30) -> requests.Response:
    """The answer as soon as it has this status."""
    end = time.monotonic() + patience
    while (found := requests.get(url, timeout=5)).status_code != wanted and time.monotonic() < end:
        time.sleep(0.1)
    assert found.status_code == wanted, found.text
    return found


@pytest.mark.fault("A11")
def test_a_running_hub_is_healthy_ready_measured_and_silent_about_people(world: World, tmp_path: Path) -> None:
    hub = Hub(world.config, f"sqlite:///{tmp_path / 'hub.db'}")
    streams = len(world.held())
    said: list[str] = []
    with attended(hub.start("--log-format", "json", "up", "--port", "0")) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        link = next(word for word in process.stdout.readline().split() if word.startswith("http://"))
        url = link.partition("/sign-in")[0]
        lines = collected(process.stderr)
        answer(f"{url}/readyz", 200)
        until(lines, said, "run.ended", streams)
        assert answer(f"{url}/healthz", 200).json()["status"] == "ok"
        metrics = answer(f"{url}/metrics", 200).text
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 0
    for connection, stream in (name.split(".") for name in world.held()):
        assert f'hub_stream_ok_age_seconds{{connection="{connection}",stream="{stream}"}}' in metrics
    ended = [json.loads(line) for line in said if '"run.ended"' in line]
    assert {f"{one['connection']}.{one['stream']}" for one in ended} >= set(world.held())
    assert all(list(one)[:3] == ["time", "level", "event"] and one["run"] > 0 for one in ended)
    written = "".join(said) + metrics
    rows = [*world.estate.loyalty_rows, *world.estate.desk_rows]
    told = [row.get(key) or "" for row in rows for key in ("E-mail", "email", "surname", "name")]
    people = {one.strip() for one in told if len(one) > 5}
    assert len(people) > 50
    assert [canary for canary in (*people, *SECRETS.values()) if canary.lower() in written.lower()] == []
