"""Signing in by name and password: no answer tells who there is, guessing gets slower, and a link sets the first."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from connectors.kit.testing import FakeClock
from hub import audit
from hub.access.roles import Role
from hub.admin.sessions import make_link
from hub.store.engine import Store
from hub.users import passwords
from hub.users.accounts import add_user, disable, password_of, set_password
from tests.hub.admin.browsing import ORIGIN, post, text_of, token_of
from tests.hub.admin.estate import Estate
from tests.hub.users.quick import QUICK

GOOD = "blue kettle nine"


class Counting:
    """The quick hasher, with how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0

    def hash(self, password: str) -> str:
        self.asked += 1
        return QUICK.hash(password)

    def verify(self, password: str, kept: str) -> bool:
        self.asked += 1
        return QUICK.verify(password, kept)


@pytest.fixture(autouse=True)
def hasher(monkeypatch: pytest.MonkeyPatch) -> Counting:
    counting = Counting()
    monkeypatch.setattr(passwords, "HASHER", counting)
    passwords._nobodys.cache_clear()
    passwords._nobodys()
    counting.asked = 0
    return counting


@pytest.fixture
def alice(hub: Estate, clock: FakeClock) -> str:
    """A user with a password; Bob has none, Charlie is disabled."""

    def make(db: Any) -> None:
        for name in ("alice", "bob", "charlie"):
            add_user(db, name, Role.REVIEWER, clock.now())
        for name in ("alice", "charlie"):
            set_password(db, name, QUICK.hash(GOOD))
        disable(db, "charlie", clock.now())

    hub.store.write(make)
    return "alice"


def sign_in(client: TestClient, name: str, password: str = GOOD) -> Any:
    return post(client, "/sign-in", {"Origin": ORIGIN}, name=name, password=password)


def noted(store: Store) -> list[tuple[str, str]]:
    with store.read() as db:
        return [(row.actor, row.action) for row in db.execute(audit.entries.select().order_by(audit.entries.c.id))]


def test_a_name_and_its_password_open_the_hub(hub: Estate, alice: str, stranger: TestClient) -> None:
    assert "Password" in text_of(stranger.get("/sign-in").text)
    assert sign_in(stranger, " Alice ").status_code == 303
    assert stranger.get("/").status_code == 200
    assert noted(hub.store) == [("alice", "sign-in")]
    post(stranger, "/sign-out")
    assert noted(hub.store)[-1] == ("alice", "sign-out")


@pytest.mark.fault("A05")
def test_signing_in_by_password_gives_a_new_session_id(alice: str, stranger: TestClient, app: FastAPI) -> None:
    planted = "an-id-that-somebody-else-knows"
    stranger.cookies.set("hub_session", planted, domain="hub.test")
    sign_in(stranger, "alice")
    first = stranger.cookies["hub_session"]
    sign_in(stranger, "alice")
    assert len({planted, first, stranger.cookies["hub_session"]}) == 3
    thief = TestClient(app, base_url=ORIGIN, cookies={"hub_session": first}, follow_redirects=False)
    assert thief.get("/").status_code == 401


@pytest.mark.fault("A06")
def test_unknown_names_wrong_passwords_and_disabled_users_get_one_answer_for_one_work(
    alice: str, stranger: TestClient, hasher: Counting
) -> None:
    answers, work = set(), set()
    for name, password in (("alice", "wrong"), ("bob", GOOD), ("charlie", GOOD), ("nobody", GOOD), ("", ""), ("é", "")):
        hasher.asked = 0
        answer = sign_in(stranger, name, password)
        answers.add((answer.status_code, answer.text))
        work.add(hasher.asked)
        assert "set-cookie" not in answer.headers
    assert len(answers) == 1
    assert next(iter(answers))[0] == 401
    assert work == {1}


@pytest.mark.fault("A06")
@pytest.mark.parametrize("name", ["alice", "nobody"])
def test_a_hundred_guesses_are_five_and_then_the_right_one_waits_as_well_but_not_for_ever(
    alice: str, stranger: TestClient, hasher: Counting, clock: FakeClock, name: str
) -> None:
    answers = [sign_in(stranger, name, f"guess {number}") for number in range(100)]
    assert [answer.status_code for answer in answers] == [401] * 5 + [429] * 95
    assert hasher.asked == 5
    assert answers[-1].headers["retry-after"] == "2"
    assert "Try again in 2 seconds" in text_of(answers[-1].text)
    assert sign_in(stranger, name).status_code == 429
    clock.advance(timedelta(seconds=2))
    assert sign_in(stranger, name).status_code == (303 if name == "alice" else 401)


@pytest.mark.fault("A06")
def test_what_was_typed_for_a_name_is_noted_only_when_it_is_one(hub: Estate, alice: str, stranger: TestClient) -> None:
    sign_in(stranger, "alice", "wrong")
    sign_in(stranger, "my password by mistake", "alice")
    assert noted(hub.store) == [("alice", "sign-in.failed"), ("unknown", "sign-in.failed")]


def test_too_many_at_once_are_told_to_come_back(
    alice: str, stranger: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> bool:
        raise passwords.TooBusy

    monkeypatch.setattr("hub.admin.sign_in.is_right", full)
    answer = sign_in(stranger, "alice")
    assert answer.status_code == 503
    assert "Try again" in answer.text


def test_behind_a_users_link_they_choose_a_password_and_every_other_session_of_theirs_ends(
    hub: Estate, alice: str, clock: FakeClock, app: FastAPI, stranger: TestClient
) -> None:
    sign_in(stranger, "alice")
    other = TestClient(app, base_url=ORIGIN, follow_redirects=False)
    link = make_link(hub.store, ORIGIN, clock.now, "alice")
    assert "This link is for alice" in text_of(other.get(link).text)
    token = token_of(link)
    for password, again, told in (
        ("short", "short", "8 to 128"),
        ("Password1!", "Password1!", "tries first"),
        ("red kettle nine", "red kettle ten", "not the same"),
        ("red kettle nine", "", "not the same"),
    ):
        answer = post(other, "/sign-in", token=token, password=password, again=again)
        assert answer.status_code == 422
        assert told in answer.text
    assert post(other, "/sign-in", token=token, password="red kettle nine", again="red kettle nine").status_code == 303
    assert (stranger.get("/").status_code, other.get("/").status_code) == (401, 200)
    assert sign_in(stranger, "alice").status_code == 401
    assert sign_in(stranger, "alice", "red kettle nine").status_code == 303
    assert ("alice", "user.password") in noted(hub.store)


def test_a_link_that_is_over_changes_no_password(
    hub: Estate, alice: str, clock: FakeClock, stranger: TestClient
) -> None:
    token = token_of(make_link(hub.store, ORIGIN, clock.now, "alice"))
    clock.advance(timedelta(minutes=15))
    answer = post(stranger, "/sign-in", token=token, password="red kettle nine", again="red kettle nine")
    assert answer.status_code == 401
    assert sign_in(stranger, "alice").status_code == 303


def test_the_link_of_a_disabled_user_opens_and_changes_nothing(
    hub: Estate, alice: str, clock: FakeClock, stranger: TestClient
) -> None:
    token = token_of(make_link(hub.store, ORIGIN, clock.now, "charlie"))
    answer = post(stranger, "/sign-in", token=token, password="red kettle nine", again="red kettle nine")
    assert answer.status_code == 401
    assert noted(hub.store) == []


def test_the_owners_link_takes_no_password(hub: Estate, clock: FakeClock, stranger: TestClient) -> None:
    token = token_of(make_link(hub.store, ORIGIN, clock.now))
    answer = post(stranger, "/sign-in", token=token, password="red kettle nine", again="red kettle nine")
    assert answer.status_code == 303
    with hub.store.read() as db:
        assert password_of(db, "owner") is None
    assert noted(hub.store) == [("owner", "sign-in")]
