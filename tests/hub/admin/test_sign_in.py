"""Signing in: a link opens one session, once, within 15 minutes, and a session ends when it should."""

from __future__ import annotations

from datetime import timedelta

import pytest
from fastapi import FastAPI
from sqlalchemy import select
from starlette.testclient import TestClient

from connectors.kit.testing import FakeClock
from hub.admin.sessions import links, make_link, sessions
from tests.hub.admin.browsing import ORIGIN, new_token, post, sign_in, signed_in, token_of
from tests.hub.admin.estate import Estate

MINUTE = timedelta(minutes=1)


def home(client: TestClient) -> int:
    return int(client.get("/").status_code)


def test_the_link_opens_the_hub_on_both_databases(either_hub: Estate) -> None:
    assert home(signed_in(either_hub)) == 200


def test_looking_at_the_link_does_not_use_it_up(hub: Estate, clock: FakeClock, stranger: TestClient) -> None:
    link = make_link(hub.store, ORIGIN, clock.now)
    for _ in range(3):
        page = stranger.get(link)
        assert page.status_code == 200
        assert "Open contact hub" in page.text
        assert "set-cookie" not in page.headers
    assert post(stranger, "/sign-in", token=token_of(link)).status_code == 303


@pytest.mark.fault("A06")
def test_a_link_works_once_only(hub: Estate, clock: FakeClock, app: FastAPI, stranger: TestClient) -> None:
    link = make_link(hub.store, ORIGIN, clock.now)
    post(stranger, "/sign-in", token=token_of(link))
    thief = TestClient(app, base_url=ORIGIN, follow_redirects=False)
    assert post(thief, "/sign-in", token=token_of(link)).status_code == 401
    assert thief.get(link).status_code == 401
    assert home(thief) == 401


@pytest.mark.fault("A06")
@pytest.mark.parametrize(("age", "status"), [(timedelta(minutes=14, seconds=59), 303), (timedelta(minutes=15), 401)])
def test_a_link_lasts_for_15_minutes(
    hub: Estate, clock: FakeClock, stranger: TestClient, age: timedelta, status: int
) -> None:
    token = new_token(hub.store, clock)
    clock.advance(age)
    assert post(stranger, "/sign-in", token=token).status_code == status


@pytest.mark.fault("A06")
def test_a_hundred_guesses_open_nothing_and_leave_the_link_as_it_is(
    hub: Estate, clock: FakeClock, stranger: TestClient
) -> None:
    token = new_token(hub.store, clock)
    flipped = "B" if token[0] == "A" else "A"
    guesses = ["", " ", token[:-1], token + "A", flipped + token[1:], token.swapcase(), "%", "' OR 1=1 --", "\x00", "é"]
    guesses += [f"{number:043d}" for number in range(90)]
    assert {post(stranger, "/sign-in", token=guess).status_code for guess in guesses} == {401}
    assert home(stranger) == 401
    assert post(stranger, "/sign-in", token=token).status_code == 303


def test_a_form_without_a_token_or_with_a_file_for_one_opens_nothing(stranger: TestClient) -> None:
    assert post(stranger, "/sign-in").status_code == 401
    file = {"token": ("token.txt", b"abc")}
    assert stranger.post("/sign-in", files=file, headers={"Origin": ORIGIN}).status_code == 400


def test_tokens_are_long_and_only_their_hashes_are_stored(hub: Estate, clock: FakeClock, stranger: TestClient) -> None:
    token = new_token(hub.store, clock)
    with hub.store.read() as db:
        kept = list(db.execute(select(links.c.token_hash)).scalars())
    post(stranger, "/sign-in", token=token)
    session_id = stranger.cookies["hub_session"]
    with hub.store.read() as db:
        kept += db.execute(select(sessions.c.token_hash)).scalars().all()
    assert min(len(token), len(session_id)) * 6 >= 256
    assert {len(one) for one in kept} == {64}
    assert not {token, session_id} & set(kept)


@pytest.mark.fault("A05")
def test_signing_in_gives_a_new_session_id_and_ends_the_old_one(
    hub: Estate, clock: FakeClock, app: FastAPI, stranger: TestClient
) -> None:
    planted = "an-id-that-somebody-else-knows"
    stranger.cookies.set("hub_session", planted, domain="hub.test")
    assert home(stranger) == 401
    first = sign_in(stranger, hub.store, clock)
    second = sign_in(stranger, hub.store, clock)
    assert len({planted, first, second}) == 3
    for dead in (planted, first):
        other = TestClient(app, base_url=ORIGIN, cookies={"hub_session": dead}, follow_redirects=False)
        assert home(other) == 401
    assert home(stranger) == 200


@pytest.mark.fault("A05")
def test_a_session_ends_after_30_minutes_without_use(browser: TestClient, clock: FakeClock) -> None:
    for _ in range(3):
        clock.advance(29 * MINUTE)
        assert home(browser) == 200
    clock.advance(30 * MINUTE)
    assert home(browser) == 401


@pytest.mark.fault("A05")
def test_a_session_ends_after_12_hours_however_busy(browser: TestClient, clock: FakeClock) -> None:
    for _ in range(12 * 3 - 1):
        clock.advance(20 * MINUTE)
        assert home(browser) == 200
    clock.advance(20 * MINUTE)
    assert home(browser) == 401


@pytest.mark.fault("A05")
def test_signing_out_ends_the_session_on_the_server(browser: TestClient, app: FastAPI) -> None:
    stolen = browser.cookies["hub_session"]
    assert post(browser, "/sign-out").status_code == 200
    assert "hub_session" not in browser.cookies
    thief = TestClient(app, base_url=ORIGIN, cookies={"hub_session": stolen}, follow_redirects=False)
    assert home(thief) == 401


def test_what_is_out_of_date_is_deleted_when_somebody_signs_in(
    browser: TestClient, hub: Estate, clock: FakeClock, app: FastAPI
) -> None:
    new_token(hub.store, clock)
    clock.advance(timedelta(days=1))
    sign_in(TestClient(app, base_url=ORIGIN, follow_redirects=False), hub.store, clock)
    with hub.store.read() as db:
        assert len(db.execute(select(sessions)).all()) == 1
        assert [row.used_at for row in db.execute(select(links))] == [clock.now()]


@pytest.mark.parametrize(
    ("scheme", "cookie", "secure"), [("http", "hub_session", False), ("https", "__Host-hub_session", True)]
)
def test_the_cookie_is_out_of_reach_for_scripts_and_other_sites(
    hub: Estate, clock: FakeClock, app: FastAPI, scheme: str, cookie: str, secure: bool
) -> None:
    origin = f"{scheme}://hub.test"
    client = TestClient(app, base_url=origin, follow_redirects=False)
    answer = post(client, "/sign-in", {"Origin": origin}, token=new_token(hub.store, clock))
    name, *attributes = answer.headers["set-cookie"].split("; ")
    assert name.startswith(f"{cookie}=")
    assert {"HttpOnly", "SameSite=lax", "Path=/", "Max-Age=43200"} <= set(attributes)
    assert ("Secure" in attributes) == secure
    assert not [one for one in attributes if one.lower().startswith("domain")]
    assert home(client) == 200
    assert ("strict-transport-security" in answer.headers) == secure
