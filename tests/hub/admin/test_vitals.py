"""What machines ask: health for everybody, metrics for this machine or a token, nobody's data for anyone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from starlette.testclient import TestClient

from hub.admin.app import create_app
from hub.settings.watch_models import Metrics
from hub.watch.beats import beat
from tests.hub.admin.browsing import ORIGIN
from tests.hub.admin.estate import Estate

TOKEN = "canary-metrics-token"
LOCAL = ("127.0.0.1", 50000)
FAR = ("192.0.2.7", 50000)
PAGE = "http://localhost:8448"


def client(estate: Estate, token: str | None = None, where: tuple[str, int] = LOCAL, base: str = PAGE) -> TestClient:
    """Somebody who asks from this address, without a session."""
    told = Metrics.model_validate({"token": token} if token else {})
    hub = estate.settings.hub.model_copy(update={"metrics": told})
    app = create_app(estate.store, replace(estate.settings, hub=hub))
    return TestClient(app, base_url=base, client=where, follow_redirects=False)


def metrics(asker: TestClient, **headers: str) -> int:
    answer = asker.get("/metrics", headers={name.replace("_", "-"): value for name, value in headers.items()})
    assert (answer.status_code == 200) == ("hub_contacts" in answer.text)
    for person in ("Alice", "alice", "Charlie", "0498 765", "498765432", TOKEN):
        assert person not in answer.text
    return answer.status_code


@pytest.mark.fault("A07")
def test_without_a_token_metrics_are_for_this_machine_alone(hub: Estate) -> None:
    assert metrics(client(hub)) == 200
    assert metrics(client(hub, where=("::1", 50000), base="http://[::1]:8448")) == 200
    assert metrics(client(hub, where=FAR)) == 401
    assert metrics(client(hub, where=("testclient", 1))) == 401


@pytest.mark.fault("A07")
@pytest.mark.parametrize("header", ["x-forwarded-for", "forwarded", "x-real-ip", "via"])
def test_who_comes_through_a_proxy_is_not_this_machine(hub: Estate, header: str) -> None:
    assert metrics(client(hub), **{header: "127.0.0.1"}) == 401


@pytest.mark.fault("A07")
def test_a_name_that_leads_here_but_is_not_ours_reads_nothing(hub: Estate) -> None:
    assert metrics(client(hub, base="http://rebound.evil.test:8448")) == 401


@pytest.mark.fault("A07")
@pytest.mark.parametrize("given", ["", TOKEN, "Bearer", f"Bearer {TOKEN}x", f"Basic {TOKEN}", "Bearer \xe9"])
def test_with_a_token_only_the_token_opens(hub: Estate, given: str) -> None:
    for where in (LOCAL, FAR):
        asker = client(hub, TOKEN, where)
        assert asker.get("/metrics", headers={"Authorization": given.encode("latin-1")}).status_code == 401
        assert metrics(asker, authorization=f"Bearer {TOKEN}") == 200


def test_metrics_are_what_prometheus_reads(hub: Estate) -> None:
    answer = client(hub).get("/metrics")
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert 'hub_records_total{connection="desk",stream="people",bucket="applied"} 3\n' in answer.text
    assert "hub_contacts 3\n" in answer.text


def test_anybody_may_ask_whether_it_lives_and_learns_nothing_else(hub: Estate) -> None:
    far = client(hub, TOKEN, FAR, ORIGIN)
    assert far.get("/healthz").json() == {"status": "ok", "checks": {"process": "ok", "database": "ok"}}
    unready = far.get("/readyz")
    assert (unready.status_code, unready.json()["checks"]["worker"]) == (503, "silent")
    hub.store.write(beat)
    ready = client(hub, TOKEN, FAR, ORIGIN).get("/readyz")
    assert (ready.status_code, ready.json()["status"]) == (200, "ok")
    assert ready.headers["cache-control"] == "no-store"


def test_a_database_that_cannot_be_read_is_told_with_503(hub: Estate, monkeypatch: pytest.MonkeyPatch) -> None:
    from sqlalchemy.exc import OperationalError

    def broken(*_: Any) -> None:
        raise OperationalError("SELECT 1", {}, Exception("alice@example.com"))

    monkeypatch.setattr("hub.admin.vitals.figures", broken)
    answer = client(hub).get("/metrics")
    assert (answer.status_code, answer.text) == (503, "The database does not answer.\n")
