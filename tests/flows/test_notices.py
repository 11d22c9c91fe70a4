"""Notices by real processes: `hub up` and `hub worker` tell what is due, and a person puts back what is dead."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hub.stages.notices import News, queue
from hub.store.engine import open_store
from hub.store.migrate import prepare
from tests.flows.service import children_of, until
from tests.flows.terminal import ROOT, Hub, attended
from tests.hub.jobs.outside import HOOK, SECRET
from tests.hub.watch.receivers import Receiver, web_server
from tests.services import Redis

HUB_YAML = """
version: 1
database: "${env:HUB_DATABASE}"
redis: "${env:HUB_REDIS}"
subscribers:
  crm: {url: "${env:CRM_URL}", secret: "${env:CRM_SECRET}", allow_private: true}
"""


@pytest.fixture
def crm() -> Iterator[Receiver]:
    with web_server() as found:
        yield found


@pytest.fixture
def hub(tmp_path: Path, crm: Receiver, redis_server: Redis, monkeypatch: pytest.MonkeyPatch) -> Hub:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "hub.yaml").write_text(HUB_YAML)
    url = f"sqlite:///{tmp_path / 'hub.db'}"
    given = {"HUB_DATABASE": url, "HUB_REDIS": redis_server.url, "CRM_URL": f"{crm.url}/in", "CRM_SECRET": SECRET}
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    store = open_store(url)
    try:
        prepare(store)
        now = datetime.now(UTC)
        news = [News("segment.entered", ("vip", str(number)), now, "nobody", {"segment": "vip"}) for number in range(3)]
        store.write(lambda db: queue(db, HOOK, news))
    finally:
        store.close()
    return Hub(tmp_path / "config", url)


def test_hub_up_tells_what_is_due_and_stops_cleanly(hub: Hub, crm: Receiver) -> None:
    crm.statuses = [200, 410]
    with attended(hub.start("up", "--port", "0")) as process:
        until(lambda: len(crm.posts) == 3)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 0
    told = hub.here("notices", "list", "--json").document
    assert {one["status"]: one["count"] for one in told["counts"]} == {"delivered": 2, "dead": 1}
    (dead,) = hub.here("notices", "list", "--status", "dead", "--json").document["notices"]
    assert "switched this off" in dead["message"]
    assert hub.here("notices", "replay", str(dead["id"]), "--json").document == {"replayed": [dead["id"]]}
    assert hub.here("audit", "list", "--json").document["entries"][0]["action"] == "notices.replay"
    with attended(hub.start("up", "--port", "0")):
        until(lambda: len(crm.posts) == 4)
    assert crm.posts[3][1]["webhook-id"] == dead["event"]


def test_hub_worker_tells_in_a_process_of_its_own_that_is_begun_again(hub: Hub, crm: Receiver) -> None:
    crm.statuses = [500]
    words = ["-m", "tests.flows.crew", str(hub.config), "0.5", "60"]
    crew = subprocess.Popen([sys.executable, *words], cwd=ROOT, env={**os.environ, **hub.environment}, text=True)
    with attended(crew):
        until(lambda: len(crm.posts) == 1)
        before = children_of(crew.pid)
        assert len(before) == 2
        for child in before:
            os.kill(child, signal.SIGKILL)
        until(lambda: len(children_of(crew.pid)) == 2 and not set(children_of(crew.pid)) & set(before))
        until(lambda: len({headers["webhook-id"] for _, headers, _ in crm.posts}) == 3, 90)
        crew.send_signal(signal.SIGTERM)
        assert crew.wait(timeout=20) == 0


@pytest.mark.parametrize("words", [(), ("7", "--all"), ("7",)])
def test_replay_wants_to_know_what_and_says_what_is_not_dead(hub: Hub, words: tuple[str, ...]) -> None:
    ended = hub.here("notices", "replay", *words, code=2)
    assert "hub notices" in ended.stderr
