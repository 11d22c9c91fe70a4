"""Home: what it counts, what a person does about a stream, and the figures that move while one looks."""

from __future__ import annotations

import json
import threading
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from fastapi import FastAPI
from sqlalchemy import insert, select
from starlette.testclient import TestClient

from connectors.kit.testing import FakeClock
from hub.access.roles import Role
from hub.admin import live
from hub.admin.app import create_app
from hub.admin.breaks import Break
from hub.admin.serve import serve
from hub.stages.pauses import paused
from hub.stages.runs import runs, states
from hub.watch.tables import FIRING, alert_states
from tests.hub.admin.browsing import ORIGIN, acts_of, post, sign_in, signed_in, signed_in_as, text_of
from tests.hub.admin.estate import Estate
from tests.hub.admin.place import open_place
from tests.hub.admin.test_pages import NOW, note_run, read

EVENTS = {"Accept": "text/event-stream"}


def waiting(hub: Estate) -> list[tuple[str, str]]:
    with hub.store.read() as db:
        query = select(runs.c.connection, runs.c.stream).where(runs.c.status == "queued").order_by(runs.c.id)
        return [(row.connection, row.stream) for row in db.execute(query)]


def test_a_stream_runs_now_once_and_the_page_says_so(either_hub: Estate) -> None:
    browser = signed_in(either_hub)
    asked = {"do": "run", "connection": "loyalty", "stream": "people"}
    assert post(browser, "/streams", **asked).headers["location"] == "/?done=run"
    assert post(browser, "/streams", **asked).headers["location"] == "/?done=waits"
    assert waiting(either_hub) == [("loyalty", "people")]
    assert acts_of(either_hub.store)[0] == ("owner", "stream.run", "loyalty.people")
    assert "begins within seconds" in read(browser, "/?done=run")


def test_a_paused_stream_says_who_paused_it_and_is_resumed(either_hub: Estate) -> None:
    browser = signed_in(either_hub)
    asked = {"connection": "desk", "stream": ""}
    assert post(browser, "/streams", do="pause", **asked).status_code == 303
    assert "desk people ok paused by owner" in read(browser, "/")
    assert "Resume" in read(browser, "/")
    assert post(browser, "/streams", do="resume", **asked).status_code == 303
    assert "paused by" not in read(browser, "/")
    with either_hub.store.read() as db:
        assert paused(db) == {}
    assert [action for _, action, _ in acts_of(either_hub.store)] == ["stream.pause", "stream.resume"]


@pytest.mark.parametrize(
    "asked",
    [
        {"do": "run", "connection": "nowhere"},
        {"do": "run", "connection": "desk", "stream": "nothing"},
        {"do": "drop", "connection": "desk"},
        {},
    ],
    ids=str,
)
def test_what_is_no_stream_or_no_act_does_nothing(hub: Estate, browser: TestClient, asked: dict[str, str]) -> None:
    assert post(browser, "/streams", **asked).status_code == 404
    assert (waiting(hub), acts_of(hub.store)) == ([], [])


def test_who_may_not_run_sees_no_buttons_for_it(app: FastAPI, hub: Estate, clock: FakeClock) -> None:
    assert "Run now" in signed_in_as(app, hub.store, clock, Role.OPERATOR).get("/").text
    assert "Run now" not in signed_in_as(app, hub.store, clock, Role.REVIEWER).get("/").text


def test_a_stream_later_than_its_schedule_and_grace_allow_says_so(empty: Estate) -> None:
    note_run(empty)
    late = {"connection": "desk", "stream": "people", "mapping": "", "last_started_at": NOW}
    late["last_ok_at"] = NOW - timedelta(hours=3)
    empty.store.write(lambda db: db.execute(insert(states), late))
    assert "3 hours ago late: 1 hour allowed" in read(signed_in(empty), "/")


def test_alerts_that_fire_are_counted_and_named(hub: Estate, browser: TestClient) -> None:
    row = {"rule": "dead_letters", "subject": "shop", "state": FIRING, "since": NOW, "message": "m", "fix": "f"}
    hub.store.write(lambda db: db.execute(insert(alert_states), row))
    assert "1 alert firing dead letters" in read(browser, "/")


def test_opt_outs_that_have_not_left_are_counted_with_the_age_of_the_oldest(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_place(tmp_path, database_url, monkeypatch) as place:
        charlie = place.town.welcome("Charlie", 158)
        place.town.shop.unsubscribe(charlie.customer, "email")
        place.pull()
        text = text_of(place.browser().get("/").text)
    assert "opt-outs waiting oldest for" in text or "opt-out waiting oldest for" in text
    assert "0 overdue" in text


def test_only_the_demo_has_something_to_break(hub: Estate, browser: TestClient, clock: FakeClock) -> None:
    assert "Break something" not in browser.get("/").text
    assert post(browser, "/break", what="storm").status_code == 404
    broken: list[str] = []
    storm = Break("storm", "Let the shop refuse calls", "It refuses them now.", lambda: broken.append("storm"))
    app = create_app(hub.store, hub.settings, clock.now, (storm,))
    demo = TestClient(app, base_url=ORIGIN, follow_redirects=False)
    sign_in(demo, hub.store, clock)
    assert "Let the shop refuse calls" in demo.get("/").text
    assert post(demo, "/break", what="everything").status_code == 404
    answer = post(demo, "/break", what="storm")
    assert broken == ["storm"]
    assert "It refuses them now." in demo.get(answer.headers["location"]).text
    reviewer = signed_in_as(app, hub.store, clock, Role.REVIEWER)
    assert "Break something" not in reviewer.get("/").text


def listen(app: FastAPI, browser: TestClient, act: Any, seconds: float = 0.5) -> list[dict[str, str]]:
    """What a listener hears while something is done, until the server is about to stop."""

    def meanwhile() -> None:
        time.sleep(seconds)
        act()
        time.sleep(seconds)
        app.state.closing.set()

    thread = threading.Thread(target=meanwhile)
    thread.start()
    answer = browser.get("/live", headers=EVENTS)
    thread.join()
    assert answer.headers["content-type"].startswith("text/event-stream")
    return [json.loads(line[6:]) for line in answer.text.splitlines() if line.startswith("data: ")]


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "EVERY_SECONDS", 0.1)


@pytest.mark.usefixtures("quick")
def test_a_listener_hears_all_figures_and_then_what_changes(hub: Estate, clock: FakeClock) -> None:
    app = create_app(hub.store, hub.settings, clock.now)
    browser = TestClient(app, base_url=ORIGIN, follow_redirects=False)
    sign_in(browser, hub.store, clock)
    number = note_run(hub, status="running", fetched=250)

    def go_on() -> None:
        change = runs.update().where(runs.c.id == number).values(fetched=500, status="ok")
        hub.store.write(lambda db: db.execute(change))

    first, *later = listen(app, browser, go_on)
    assert first["desk.people.fetched"] == "250"
    assert first["turn.desk.people"] == f"{number} running"
    assert first["card.contacts"] == "3"
    heard = {name: text for news in later for name, text in news.items()}
    assert heard == {"desk.people.fetched": "500", "turn.desk.people": f"{number} ok"}


@pytest.mark.usefixtures("quick")
@pytest.mark.fault("A05")
def test_listening_ends_with_the_session_and_is_no_use_of_it(hub: Estate, clock: FakeClock) -> None:
    app = create_app(hub.store, hub.settings, clock.now)
    browser = TestClient(app, base_url=ORIGIN, follow_redirects=False)
    sign_in(browser, hub.store, clock)
    assert listen(app, browser, lambda: clock.sleep(31 * 60))[-1] == {}
    assert browser.get("/", headers={"X-Still": "1"}).status_code == 401


@pytest.mark.fault("A05")
def test_a_page_that_asks_by_itself_keeps_no_session_alive(hub: Estate, browser: TestClient, clock: FakeClock) -> None:
    for _ in range(2):
        clock.sleep(16 * 60)
        status = browser.get("/", headers={"X-Still": "1"}).status_code
    assert status == 401


def test_the_number_of_listeners_is_bounded(browser: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "MOST_LISTENERS", 0)
    assert browser.get("/live", headers=EVENTS).status_code == 503
    assert browser.get("/live").status_code == 406


def test_the_hub_stops_at_once_although_somebody_listens(hub: Estate) -> None:
    with serve(hub.store, hub.settings) as serving:
        session = requests.Session()
        token = serving.sign_in_url.partition("token=")[2]
        signed = session.post(f"{serving.url}/sign-in", data={"token": token}, headers={"Origin": serving.url})
        assert signed.status_code == 200
        stream = session.get(f"{serving.url}/live", headers=EVENTS, stream=True, timeout=10)
        assert next(stream.iter_lines()) == b"retry: 5000"
        began = time.monotonic()
    assert time.monotonic() - began < 2
