"""Segments with their members, and runs, by way of the API."""

from __future__ import annotations

from dataclasses import replace

import pytest

from connectors.kit.testing import FakeClock
from hub.admin.app import create_app
from tests.hub.admin.api.calling import Program, problem, token_for
from tests.hub.admin.estate import Estate


def test_the_segments_that_are_configured(desk: Program) -> None:
    expected = {"name": "regulars", "title": "Regulars", "channel": "email", "targets": {}}
    assert desk.given("/segments") == {"segments": [expected]}


def test_the_members_come_page_by_page(desk: Program) -> None:
    first = desk.given("/segments/regulars/members?limit=1")
    second = desk.given(f"/segments/regulars/members?limit=1&cursor={first['next']}")
    members = first["members"] + second["members"]
    assert sorted(one["name"] for one in members) == ["Alice Nguyen", "Bob Nguyen"]
    assert second["next"] is None
    assert [one["id"] for one in members] == sorted(one["id"] for one in members)
    problem(desk.get("/segments/nobody/members"), 404, "not-found")


def test_of_each_member_it_is_told_whether_it_may_be_sent_to(desk: Program) -> None:
    yes = {"action": "grant", "at": "2026-08-01", "method": "form", "wording": "Yes"}
    desk.done("/consent/email/alice@example.com", yes)
    desk.done("/consent/email/bob@example.com", {"action": "withdraw"})
    members = desk.given("/segments/regulars/members")["members"]
    assert {one["name"]: one["may_send"] for one in members} == {"Alice Nguyen": True, "Bob Nguyen": False}


def test_runs_come_newest_first_page_by_page(desk: Program) -> None:
    numbers, following = [], ""
    while following is not None:
        page = desk.given(f"/runs?limit=2&cursor={following}")
        numbers += [one["id"] for one in page["runs"]]
        following = page["next"]
    assert numbers == sorted(numbers, reverse=True)
    assert len(numbers) == len(set(numbers)) >= 3
    assert desk.given(f"/runs/{numbers[-1]}")["status"] == "ok"
    problem(desk.get("/runs/9007199254740991"), 404, "not-found")


def test_a_run_is_queued_and_asked_for_twice_is_the_same(desk: Program) -> None:
    asked = {"connection": "desk", "stream": "people"}
    answer = desk.post("/runs", asked)
    assert answer.status_code == 202
    told = answer.json()
    assert (told["status"], told["kind"], told["message"]) == ("queued", "pull", "asked for by token:desk")
    assert desk.client.get(answer.headers["location"]).json() == told
    assert desk.done("/runs", asked) == told
    assert desk.done("/runs", asked | {"kind": "reconcile"})["id"] != told["id"]


@pytest.mark.parametrize("asked", [("desk", "orders"), ("nobody", "people"), ("hub", "derive")], ids=str)
def test_a_stream_that_is_not_configured_is_not_run(desk: Program, asked: tuple[str, str]) -> None:
    problem(desk.post("/runs", {"connection": asked[0], "stream": asked[1]}), 404, "not-found")


def test_a_paused_connection_is_not_run(hub: Estate, clock: FakeClock) -> None:
    connections = {name: replace(one, paused=True) for name, one in hub.settings.connections.items()}
    app = create_app(hub.store, replace(hub.settings, connections=connections), clock.now)
    desk = Program(app, token_for(hub.store, clock, "desk"))
    problem(desk.post("/runs", {"connection": "desk", "stream": "people"}), 409, "paused")
