"""Who gets in: every route without a session, every form from elsewhere, and the headers of every reply."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from starlette.routing import Mount, Route
from starlette.testclient import TestClient

from connectors.kit.testing import FakeClock
from hub.access.roles import ROLES, Role
from hub.admin import quarantine
from hub.admin.api.doors import ApiDoor
from hub.admin.doors import Door
from hub.admin.sessions import form_token
from hub.users import accounts
from hub.users.tokens import make_token
from tests.hub.admin.browsing import ORIGIN, new_token, post, signed_in_as
from tests.hub.admin.estate import Estate

OPEN = {
    ("GET", "/sign-in"),
    ("POST", "/sign-in"),
    ("GET", "/hooks/{connection}"),
    ("POST", "/hooks/{connection}"),
    ("GET", "/healthz"),
    ("GET", "/readyz"),
    ("GET", "/metrics"),
}
"""Without a session: what is signed by itself, or shows nobody's data; /metrics looks itself at who asks."""

VALUES = {
    "key": "alice@example.com",
    "number": "1",
    "plan_id": "0123456789ab",
    "channel": "email",
    "address": "alice@example.com",
    "item": "1-2",
}


def routes(app: FastAPI) -> Iterator[Route]:
    for route in app.routes:
        if isinstance(route, Mount):
            assert route.path == "/static"
            continue
        assert isinstance(route, Route)
        yield route


def pages(app: FastAPI) -> Iterator[Door]:
    """The doors that a session opens."""
    return (route for route in routes(app) if isinstance(route, Door) and not isinstance(route, ApiDoor))


def method_of(route: Route) -> str:
    (method,) = (route.methods or set()) - {"HEAD"}
    return method


def address_of(door: Door) -> str:
    return str(door.url_path_for(door.name, **{name: VALUES.get(name, "1") for name in door.param_convertors}))


@pytest.mark.fault("A07")
def test_a_route_is_a_door_that_asks_for_a_permission_or_is_listed_here_as_open(app: FastAPI) -> None:
    assert {(method_of(route), route.path) for route in routes(app) if not isinstance(route, Door)} == OPEN
    assert any(isinstance(route, Door) for route in routes(app))


@pytest.mark.fault("A07")
def test_without_a_session_a_door_shows_how_to_get_one_and_nothing_else(app: FastAPI, stranger: TestClient) -> None:
    for door in pages(app):
        for session in ("", "nonsense", "é"):
            headers = {b"Origin": ORIGIN.encode(), b"Cookie": f"hub_session={session}".encode()}
            answer = stranger.request(method_of(door), address_of(door), headers=headers)
            assert answer.status_code == 401, door.path
            assert "hub up" in answer.text
            assert "Alice" not in answer.text
            assert "Quarantine" not in answer.text


@pytest.mark.fault("A07")
@pytest.mark.parametrize("role", Role)
def test_every_role_gets_through_every_door_whose_permission_it_has_and_through_no_other(
    app: FastAPI, hub: Estate, clock: FakeClock, role: Role
) -> None:
    client = signed_in_as(app, hub.store, clock, role)
    refused = set()
    for door in pages(app):
        if door.name == "sign_out":
            continue
        answer = client.request(method_of(door), address_of(door), headers={"Origin": ORIGIN}, data={"form": "wrong"})
        if "may not do this" in answer.text:
            assert answer.status_code == 403
            refused.add(door.permission)
        else:
            assert door.permission in ROLES[role], door.path
            assert answer.status_code == 403 if method_of(door) == "POST" else answer.status_code < 500, door.path
    assert refused.isdisjoint(ROLES[role])


@pytest.mark.fault("A07")
@pytest.mark.parametrize("role", Role)
def test_a_token_with_the_permissions_of_a_role_gets_through_the_same_doors_of_the_api(
    app: FastAPI, hub: Estate, clock: FakeClock, role: Role
) -> None:
    token = hub.store.write(lambda db: make_token(db, role.value, ROLES[role], "owner", clock.now(), None))
    program = TestClient(app, base_url=ORIGIN, headers={"Authorization": f"Bearer {token}"})
    doors = [door for door in routes(app) if isinstance(door, ApiDoor)]
    assert len(doors) >= 16
    for door in doors:
        answer = program.request(method_of(door), address_of(door))
        assert answer.status_code < 500, door.path
        assert (answer.status_code == 403) == (door.permission not in ROLES[role]), door.path


@pytest.mark.fault("A01")
def test_no_form_without_the_token_of_its_own_session_does_anything(
    app: FastAPI, browser: TestClient, hub: Estate, clock: FakeClock
) -> None:
    other = signed_in_as(app, hub.store, clock, Role.ADMIN)
    tokens = ["", "0" * 64, "é", form_token(other.cookies["hub_session"])]
    for door in pages(app):
        if method_of(door) == "GET":
            continue
        for token in tokens:
            answer = post(browser, address_of(door), form=token)
            assert answer.status_code == 403, door.path
            assert "Load the page again" in answer.text


@pytest.mark.fault("A05")
def test_a_user_whose_role_changes_is_what_they_are_now_at_the_next_click(
    app: FastAPI, hub: Estate, clock: FakeClock
) -> None:
    client = signed_in_as(app, hub.store, clock, Role.OPERATOR)
    plan = "/outgoing/0123456789ab"
    assert "may not do this" not in post(client, plan).text
    hub.store.write(lambda db: accounts.change_role(db, "operator", Role.VIEWER))
    assert "may not do this" in post(client, plan).text
    hub.store.write(lambda db: accounts.disable(db, "operator", clock.now()))
    assert client.get("/").status_code == 401


@pytest.mark.parametrize("path", ["/nothing", "//", "/sign-in/", "/contacts/", "/openapi.json", "/docs", "/redoc"])
def test_without_a_session_nobody_learns_which_pages_there_are(stranger: TestClient, path: str) -> None:
    assert stranger.get(f"{ORIGIN}{path}").status_code == 401


def test_a_search_box_that_outlived_its_session_loads_the_whole_page(stranger: TestClient) -> None:
    assert stranger.get("/contacts?q=alice", headers={"HX-Request": "true"}).headers["hx-refresh"] == "true"


FOREIGN = [
    {},
    {"Origin": "null"},
    {"Origin": "http://evil.example"},
    {"Origin": "http://hub.test"},
    {"Origin": "http://hub.test:8449"},
    {"Origin": "http://hub.test:8448.evil.example"},
    {"Origin": "http://evil.example/http://hub.test:8448"},
    {"Origin": "http://x@hub.test:8448"},
    {"Origin": "ftp://hub.test:8448"},
    {"Origin": "http://[hub.test:8448"},
    {"Origin": ORIGIN, "Sec-Fetch-Site": "cross-site"},
    {"Origin": ORIGIN, "Sec-Fetch-Site": "same-site"},
    {"Origin": ORIGIN, "Sec-Fetch-Site": "none"},
    {"Referer": ORIGIN},
]


@pytest.mark.fault("A01")
@pytest.mark.parametrize("headers", FOREIGN, ids=str)
def test_a_form_that_is_not_ours_changes_nothing(
    browser: TestClient, hub: Estate, clock: FakeClock, headers: dict[str, str]
) -> None:
    token = new_token(hub.store, clock)
    for path in ("/sign-in", "/sign-out"):
        assert post(browser, path, headers, token=token).status_code == 403
    assert browser.get("/").status_code == 200
    assert post(browser, "/sign-in", token=token).status_code == 303


@pytest.mark.fault("A01")
@pytest.mark.parametrize("path", ["/sign-in?token=x", "/sign-out"])
def test_asking_for_a_page_changes_nothing(browser: TestClient, path: str) -> None:
    assert browser.get(path).status_code in (401, 405)
    assert browser.get("/").status_code == 200


@pytest.mark.parametrize(
    "host", ["", " ", "hub.test, evil.example", "hub.test/../", "hub_test@evil", "a b", "h:1:2", "é"]
)
def test_a_host_that_no_browser_sends_is_refused(browser: TestClient, host: str) -> None:
    assert browser.get("/", headers={b"Host": host.encode()}).status_code == 400


@pytest.mark.parametrize("host", ["127.0.0.1:8448", "[::1]:8448", "LOCALHOST", "hub.example.com"])
def test_a_proper_host_is_served(stranger: TestClient, host: str) -> None:
    assert stranger.get("/", headers={"Host": host}).status_code == 401


def test_the_headers_of_every_reply(
    browser: TestClient, app: FastAPI, monkeypatch: pytest.MonkeyPatch, hub: Estate, clock: FakeClock
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(quarantine, "held_groups", broken)
    stranger = TestClient(app, base_url=ORIGIN, follow_redirects=False)
    replies = {
        "page": (200, browser.get("/")),
        "retired": (303, browser.get("/contacts/bob@example.com")),
        "missing": (404, browser.get("/nothing")),
        "wrong use": (405, post(browser, "/runs")),
        "bug": (500, browser.get("/quarantine")),
        "bad host": (400, browser.get("/", headers={"Host": "a b"})),
        "foreign form": (403, post(browser, "/sign-out", {})),
        "too much": (413, post(stranger, "/sign-in", token="x" * 20_000)),
        "no session": (401, stranger.get("/")),
        "signed in": (303, post(stranger, "/sign-in", token=new_token(hub.store, clock))),
        "signed out": (200, post(stranger, "/sign-out")),
        "file": (200, stranger.get("/static/hub.css")),
        "no file": (404, stranger.get("/static/%2e%2e/app.py")),
    }
    assert {name: reply.status_code for name, (_, reply) in replies.items()} == {
        name: status for name, (status, _) in replies.items()
    }
    for name, (_, reply) in replies.items():
        policy = reply.headers["content-security-policy"]
        assert policy.startswith("default-src 'self';"), name
        assert "frame-ancestors 'none'" in policy, name
        assert "unsafe" not in policy, name
        assert reply.headers["x-content-type-options"] == "nosniff", name
        assert reply.headers["referrer-policy"] == "same-origin", name
        assert reply.headers["cross-origin-opener-policy"] == "same-origin", name
        assert reply.headers["cache-control"] == ("no-cache" if "file" in name else "no-store"), name
        assert "server" not in reply.headers, name


def test_a_bug_is_logged_by_its_place_and_shown_by_its_number_without_anybodys_data(
    browser: TestClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("alice@example.com")

    monkeypatch.setattr(quarantine, "held_groups", broken)
    with caplog.at_level(logging.ERROR, "hub.admin"):
        page = browser.get("/quarantine")
    assert page.status_code == 500
    assert "RuntimeError in broken (test_access.py:" in caplog.text
    number = caplog.text.partition("error ")[2][:8]
    assert number in page.text
    assert "alice" not in page.text + caplog.text


M22 = ["https://evil.example", "//evil.example", "/\\evil.example", "////evil.example", "/\t/evil.example"]


@pytest.mark.fault("A08")
@pytest.mark.parametrize("payload", M22)
def test_no_request_redirects_to_another_site(browser: TestClient, hub: Estate, clock: FakeClock, payload: str) -> None:
    query = {"next": payload, "url": payload, "token": new_token(hub.store, clock)}
    answers = [
        browser.post("/sign-in", params=query, data=query, headers={"Origin": ORIGIN}),
        browser.get("/contacts/bob@example.com", params=query),
        browser.get("/contacts", params={"q": payload}),
        browser.get("/contacts/" + payload.replace("\t", "%09")),
        browser.get(ORIGIN + "/" + payload.replace("\t", "%09")),
        browser.get(ORIGIN + "/" + payload.replace("\t", "%09") + "/"),
    ]
    assert browser.get("/runs/", headers={"Host": "evil.example"}).status_code == 404
    places = [answer.headers["location"] for answer in answers if answer.is_redirect]
    assert len(places) == 2
    assert places[0] == "/"
    assert places[1].startswith("/contacts/c_")
