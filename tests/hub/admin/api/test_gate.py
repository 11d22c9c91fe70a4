"""Who gets an answer of the API: tokens and nothing else, only so many, and every refusal is a problem of one form."""

from __future__ import annotations

import logging
import threading
from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import select, update
from starlette.testclient import TestClient

from connectors.kit.testing import FakeClock
from hub.access.roles import Permission, Role
from hub.admin.api import contacts, limits
from hub.admin.api.doors import ApiDoor
from hub.admin.api.limits import Limits
from hub.admin.api.problems import WORDS, Refused
from hub.users.tokens import tokens
from tests.hub.admin.api.calling import ROOT, Program, problem, token_for
from tests.hub.admin.api.conftest import MakeProgram
from tests.hub.admin.browsing import ORIGIN, signed_in_as
from tests.hub.admin.estate import Estate


@pytest.fixture
def database_url(tmp_path: Any) -> str:
    """What is asked here is no matter of the database."""
    return f"sqlite:///{tmp_path / 'hub.db'}"


def doors(app: FastAPI) -> list[ApiDoor]:
    return [route for route in app.routes if isinstance(route, ApiDoor)]


def knock(client: TestClient, door: ApiDoor, **how: Any) -> Any:
    (method,) = (door.methods or set()) - {"HEAD"}
    values = {"channel": "email", "address": "alice@example.com"}
    path = door.url_path_for(door.name, **{name: values.get(name, "1") for name in door.param_convertors})
    return client.request(method, str(path), **how)


@pytest.mark.fault("A07")
@pytest.mark.parametrize(
    "header",
    [None, "", "Bearer", "Bearer ", "Bearer hub_x", "Bearer é", "Basic {}", "Token {}", "{}", "Bearer {}x"],
    ids=str,
)
def test_without_a_valid_token_nothing_is_answered(
    app: FastAPI, hub: Estate, clock: FakeClock, header: str | None
) -> None:
    token = token_for(hub.store, clock, "desk")
    sent = {} if header is None else {b"Authorization": header.format(token).encode()}
    stranger = TestClient(app, base_url=ORIGIN)
    for door in doors(app):
        answer = knock(stranger, door, headers=sent)
        problem(answer, 401, "no-token")
        assert answer.headers["www-authenticate"].startswith("Bearer ")
    problem(stranger.get("/api/v1/nothing", headers=sent), 401, "no-token")
    problem(stranger.get("/api/", headers=sent), 401, "no-token")


def test_two_tokens_at_once_are_none(app: FastAPI, hub: Estate, clock: FakeClock) -> None:
    token = token_for(hub.store, clock, "desk")
    twice = [("Authorization", f"Bearer {token}"), ("Authorization", f"Bearer {token}")]
    problem(TestClient(app, base_url=ORIGIN).get("/api/v1/contacts", headers=twice), 401, "no-token")


@pytest.mark.fault("A01")
def test_a_session_opens_no_door_of_the_api_and_a_token_no_page(app: FastAPI, hub: Estate, clock: FakeClock) -> None:
    admin = signed_in_as(app, hub.store, clock, Role.ADMIN)
    assert admin.get("/contacts").status_code == 200
    for door in doors(app):
        problem(knock(admin, door, headers={"Origin": ORIGIN}), 401, "no-token")
    desk = Program(app, token_for(hub.store, clock, "desk"))
    assert desk.client.get("/contacts").status_code == 401


def test_a_request_of_another_site_is_answered_by_its_token_alone(desk: Program) -> None:
    foreign = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    answer = desk.post("/contacts/search", {"text": "alice"}, headers=foreign)
    assert answer.status_code == 200
    assert not [name for name in answer.headers if name.startswith("access-control-")]


@pytest.mark.fault("A07")
@pytest.mark.parametrize("scope", Permission)
def test_every_scope_opens_the_doors_that_ask_for_it_and_no_other(
    app: FastAPI, program: MakeProgram, scope: Permission
) -> None:
    client = program(scope.value, scope).client
    for door in doors(app):
        answer = knock(client, door)
        if door.permission is scope:
            assert answer.status_code not in (401, 403), door.path
            assert answer.status_code < 500, door.path
        else:
            told = problem(answer, 403, "not-permitted")
            assert f"`{door.permission.value}`" in told["detail"]
            assert f'scope="{door.permission.value}"' in answer.headers["www-authenticate"]


@pytest.mark.fault("A05")
def test_a_token_that_is_revoked_or_too_old_opens_nothing_from_then_on(
    desk: Program, hub: Estate, clock: FakeClock
) -> None:
    assert desk.get("/contacts").status_code == 200
    hub.store.write(lambda db: db.execute(update(tokens).values(expires_at=clock.now() + timedelta(hours=1))))
    assert desk.get("/contacts").status_code == 200
    clock.advance(timedelta(hours=1))
    assert desk.get("/contacts").status_code == 401
    hub.store.write(lambda db: db.execute(update(tokens).values(expires_at=None, revoked_at=clock.now())))
    assert desk.get("/contacts").status_code == 401


def test_the_last_use_is_noted_once_a_minute(desk: Program, hub: Estate, clock: FakeClock) -> None:
    noted = []
    for seconds in (0, 59, 1):
        clock.advance(timedelta(seconds=seconds))
        desk.get("/contacts")
        with hub.store.read() as db:
            noted.append(db.execute(select(tokens.c.last_used_at)).scalar_one())
    assert noted[0] == noted[1]
    assert noted[2] - noted[0] == timedelta(seconds=60)


@pytest.mark.fault("A19")
def test_a_token_that_asks_too_often_is_told_how_long_to_wait(
    desk: Program, program: MakeProgram, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "BURST", 3)
    monkeypatch.setattr(limits, "PER_SECOND", 0.1)
    assert [desk.get("/segments").status_code for _ in range(3)] == [200] * 3
    answer = desk.get("/nothing")
    problem(answer, 429, "too-many-requests")
    assert 1 <= int(answer.headers["retry-after"]) <= 10
    assert program("other", Permission.LOOK).get("/segments").status_code == 200


def test_a_token_gets_its_answers_back_with_time() -> None:
    now = [0.0]
    limit = Limits(clock=lambda: now[0])
    for _ in range(limits.BURST):
        limit.take("desk")
    with pytest.raises(Refused) as refused:
        limit.take("desk")
    assert refused.value.headers == {"Retry-After": "1"}
    now[0] += 1
    for _ in range(int(limits.PER_SECOND)):
        limit.take("desk")
    with pytest.raises(Refused):
        limit.take("desk")


@pytest.mark.fault("A19")
def test_only_so_many_search_at_once(desk: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "SEARCH_PATIENCE_SECONDS", 0.01)
    started, go_on = threading.Barrier(limits.SEARCHES + 1, timeout=30), threading.Event()

    def slow(*_: object) -> list[dict[str, Any]]:
        started.wait()
        assert go_on.wait(30)
        return []

    monkeypatch.setattr(contacts, "look_up", slow)
    busy = [
        threading.Thread(target=desk.post, args=("/contacts/search", {"text": "xx"})) for _ in range(limits.SEARCHES)
    ]
    for thread in busy:
        thread.start()
    started.wait()
    try:
        answer = desk.post("/contacts/search", {"text": "xx"})
        problem(answer, 429, "busy")
        assert answer.headers["retry-after"] == "1"
        assert desk.get("/segments").status_code == 200
    finally:
        go_on.set()
        for thread in busy:
            thread.join()
    monkeypatch.setattr(contacts, "look_up", lambda *_: [])
    assert desk.post("/contacts/search", {"text": "xx"}).status_code == 200


def test_whatever_lies_beside_the_resources_is_a_problem_too(desk: Program) -> None:
    search = "/contacts/search"
    problem(desk.get("/nothing"), 404, "not-found")
    problem(desk.client.get("/api/v2/contacts"), 404, "not-found")
    wrong = desk.client.delete(f"{ROOT}/consent/email/alice@example.com")
    problem(wrong, 405, "method-not-allowed")
    assert wrong.headers["allow"] == "GET, HEAD, POST"
    problem(desk.get("/segments", headers={"Host": "a b"}), 400, "bad-request")
    problem(desk.post(search, {"text": "x" * 20_000}), 413, "too-long")
    problem(desk.client.post(ROOT + search, content=iter([b"{}"])), 411, "length-required")
    problem(desk.client.post(ROOT + search, data={"text": "alice"}), 415, "not-json")
    problem(desk.client.post(ROOT + search), 415, "not-json")


@pytest.mark.parametrize(
    "body",
    ["", "{", "nul", '{"text": NaN}', '"\\ud800"', '{"text": "\\ud800"}', "[" * 5_000, '{"text": "\xff'],
    ids=ascii,
)
def test_what_is_no_json_is_refused(desk: Program, body: str) -> None:
    headers = {"Content-Type": "application/json"}
    answer = desk.client.post(f"{ROOT}/contacts/search", content=body.encode("latin-1"), headers=headers)
    problem(answer, 422, "not-valid")


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "query.limit"),
        ("limit=101", "query.limit"),
        ("limit=ten", "query.limit"),
        ("cursor=%00", "query.cursor"),
        ("cursor=bm90IG91cnM", "query.cursor"),
        ("cursor=cnVucyB4", "query.cursor"),
        ("cursor=a", "query.cursor"),
        ("order=secret", "query"),
    ],
)
def test_a_wrong_parameter_is_named_and_its_value_not_said_again(desk: Program, query: str, field: str) -> None:
    answer = desk.get(f"/runs?{query}")
    assert [one["field"] for one in problem(answer, 422, "not-valid")["errors"]] == [field]
    assert "secret" not in answer.text
    problem(desk.get("/runs?limit=1&limit=2"), 422, "not-valid")
    problem(desk.get("/runs/1?number=2"), 422, "not-valid")


def test_a_cursor_of_another_list_is_refused(desk: Program) -> None:
    following = desk.given("/contacts?limit=1")["next"]
    problem(desk.get(f"/segments/regulars/members?cursor={following}"), 422, "not-valid")
    problem(desk.get(f"/runs?cursor={following}"), 422, "not-valid")


def test_what_was_sent_is_never_said_again(desk: Program) -> None:
    for body in (
        {"text": "alice", "canary": 1},
        {"text": ["canary"]},
        {"text": "canary" * 50},
        {"text": "alice", "limit": "canary"},
    ):
        answer = desk.post("/contacts/search", body)
        problem(answer, 422, "not-valid")
        assert "canary" not in answer.text
    for body in (
        {"action": "canary"},
        {"action": "grant", "canary": 1},
        {"action": "lift", "event": "canary", "reason": "x"},
    ):
        answer = desk.post("/consent/email/alice@example.com", body)
        assert answer.status_code in (404, 422)
        assert "canary" not in answer.text


@pytest.mark.fault("A11")
def test_a_bug_is_a_problem_with_a_number_and_without_anybodys_data(
    desk: Program, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("alice@example.com")

    monkeypatch.setattr(contacts, "contacts_after", broken)
    with caplog.at_level(logging.ERROR, "hub.admin"):
        answer = desk.get("/contacts")
    told = problem(answer, 500, "broken")
    assert caplog.text.partition("error ")[2][:8] in told["detail"]
    assert "alice" not in answer.text + caplog.text
    assert "Traceback" not in answer.text


def test_every_answer_has_the_headers_of_the_pages_and_is_kept_nowhere(desk: Program) -> None:
    for answer in (desk.get("/contacts"), desk.get("/nothing"), Program(desk.client.app, "").get("/contacts")):  # type: ignore[arg-type]
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "set-cookie" not in answer.headers


def test_every_status_has_words_that_hold_nothing_of_a_request() -> None:
    assert {status: told for status, (_, told) in WORDS.items() if "{" in told} == {}
