"""The People page: admins make, change and end users and tokens there, and nobody makes less of themselves."""

from __future__ import annotations

import re

import pytest
from fastapi import FastAPI
from sqlalchemy import update
from starlette.testclient import TestClient

from connectors.kit.testing import FakeClock
from hub import audit
from hub.access.roles import Permission, Role
from hub.admin.app import create_app
from hub.store.engine import Store
from hub.users.accounts import add_user, viewer_of
from hub.users.tokens import tokens, viewer_of_token
from tests.hub.admin.browsing import ORIGIN, post, signed_in_as, text_of, token_of
from tests.hub.admin.estate import Estate

PEOPLE = "/settings/people"


@pytest.fixture
def admin(app: FastAPI, hub: Estate, clock: FakeClock) -> TestClient:
    """Signed in as `admin`; there is Bob, a viewer, too."""
    hub.store.write(lambda db: add_user(db, "bob", Role.VIEWER, clock.now()))
    return signed_in_as(app, hub.store, clock, Role.ADMIN)


def role_of(store: Store, name: str) -> Role | None:
    with store.read() as db:
        viewer = viewer_of(db, name)
    return viewer.role if viewer else None


def shown(page: str) -> str:
    found = re.search(r'<code class="secret">([^<]+)</code>', page)
    assert found is not None
    return found[1].replace("&amp;", "&")


def done(store: Store) -> list[tuple[str, str, str]]:
    with store.read() as db:
        rows = db.execute(audit.entries.select().order_by(audit.entries.c.id)).all()
    return [(row.actor, row.action, row.subject) for row in rows if row.action != "sign-in"]


def test_a_user_is_added_and_comes_in_by_the_link_that_is_shown_once(
    app: FastAPI, hub: Estate, clock: FakeClock, admin: TestClient
) -> None:
    page = post(admin, PEOPLE, name="Alice", role="reviewer")
    link = shown(page.text)
    assert link not in admin.get(PEOPLE).text
    alice = TestClient(app, base_url=ORIGIN, follow_redirects=False)
    assert post(alice, "/sign-in", token=token_of(link)).status_code == 303
    assert "You are alice , reviewer" in text_of(alice.get("/settings").text)
    assert done(hub.store) == [("admin", "user.add", "alice"), ("admin", "user.link", "alice")]


@pytest.mark.fault("A05")
def test_a_changed_role_ends_the_sessions_of_before(
    app: FastAPI, hub: Estate, clock: FakeClock, admin: TestClient
) -> None:
    viewer = signed_in_as(app, hub.store, clock, Role.VIEWER)
    assert post(admin, f"{PEOPLE}/viewer/role", role="operator").status_code == 303
    assert viewer.get("/").status_code == 401
    assert role_of(hub.store, "viewer") is Role.OPERATOR


@pytest.mark.fault("A05")
def test_sessions_are_ended_and_users_disabled_and_enabled_again(
    app: FastAPI, hub: Estate, clock: FakeClock, admin: TestClient
) -> None:
    viewer = signed_in_as(app, hub.store, clock, Role.VIEWER)
    assert post(admin, f"{PEOPLE}/viewer/sign-out").status_code == 303
    assert viewer.get("/").status_code == 401
    viewer = signed_in_as(app, hub.store, clock, Role.VIEWER)
    assert post(admin, f"{PEOPLE}/viewer/disable").status_code == 303
    assert viewer.get("/").status_code == 401
    assert "disabled" in text_of(admin.get(PEOPLE).text)
    assert post(admin, f"{PEOPLE}/viewer/link").status_code == 409
    assert post(admin, f"{PEOPLE}/viewer/enable").status_code == 303
    assert role_of(hub.store, "viewer") is Role.VIEWER
    assert shown(post(admin, f"{PEOPLE}/viewer/link").text).startswith(f"{ORIGIN}/sign-in?token=")
    assert [action for _, action, _ in done(hub.store)] == [
        *("user.sign-out", "user.disable", "user.enable", "user.link")
    ]


@pytest.mark.fault("A07")
def test_nobody_changes_themselves_and_the_last_admin_stays(hub: Estate, admin: TestClient, clock: FakeClock) -> None:
    for act in ("role", "disable", "enable", "sign-out", "link"):
        answer = post(admin, f"{PEOPLE}/admin/{act}", role="viewer")
        assert answer.status_code == 409
        assert "Not for yourself" in answer.text
    assert role_of(hub.store, "admin") is Role.ADMIN
    assert done(hub.store) == []


@pytest.mark.fault("A07")
def test_the_owner_cannot_disable_the_last_admin_either(hub: Estate, admin: TestClient, browser: TestClient) -> None:
    for act in ("role", "disable"):
        answer = post(browser, f"{PEOPLE}/admin/{act}", role="viewer")
        assert answer.status_code == 409
        assert "last admin" in answer.text
    assert role_of(hub.store, "admin") is Role.ADMIN


def test_what_cannot_be_says_why_and_changes_nothing(hub: Estate, admin: TestClient) -> None:
    refused: list[tuple[str, dict[str, str], str]] = [
        ("", {"name": "bob", "role": "viewer"}, "already"),
        ("", {"name": "<script>alert(1)</script>", "role": "viewer"}, "no user name"),
        ("", {"name": "carol", "role": "king"}, "one of the roles"),
        ("/bob/role", {"role": "king"}, "one of the roles"),
        ("/nobody/disable", {}, "no user"),
        ("/%3Cscript%3Ealert(1)/enable", {}, "no user"),
    ]
    for path, form, told in refused:
        answer = post(admin, PEOPLE + path, **form)
        assert answer.status_code in (409, 422)
        assert told in text_of(answer.text)
        assert "<script>alert" not in answer.text
    assert done(hub.store) == []


def test_a_token_is_shown_once_may_what_was_ticked_and_is_revoked(
    hub: Estate, admin: TestClient, clock: FakeClock
) -> None:
    form = {"form": re.findall(r'name="form" value="([0-9a-f]+)"', admin.get(PEOPLE).text)[0]}
    form |= {"name": "desk", "lasts": "30"}
    page = admin.post("/settings/tokens", data={**form, "scope": ["look", "record", "all"]}, headers={"Origin": ORIGIN})
    token = shown(page.text)
    with hub.store.read() as db:
        viewer = viewer_of_token(db, token, clock.now())
    assert viewer is not None
    assert viewer.permissions == {Permission.LOOK, Permission.RECORD}
    page = admin.get(PEOPLE)
    assert "desk look, record" in text_of(page.text)
    assert token not in page.text
    assert post(admin, "/settings/tokens", name="desk", scope="look").status_code == 422
    assert post(admin, "/settings/tokens", name="empty").status_code == 422
    assert post(admin, "/settings/tokens/desk/revoke").status_code == 303
    with hub.store.read() as db:
        assert viewer_of_token(db, token, clock.now()) is None
    assert post(admin, "/settings/tokens/desk/revoke").status_code == 409
    assert done(hub.store) == [("admin", "token.make", "token:desk"), ("admin", "token.revoke", "token:desk")]


def test_a_scope_of_another_release_is_shown_as_unknown(hub: Estate, admin: TestClient) -> None:
    assert post(admin, "/settings/tokens", name="desk", scope="look").status_code == 200
    hub.store.write(lambda db: db.execute(update(tokens).values(scopes=["look", "teleport"])))
    assert "desk look, teleport unknown" in text_of(admin.get(PEOPLE).text)


def test_the_page_is_there_on_both_databases(either_hub: Estate, clock: FakeClock) -> None:
    app = create_app(either_hub.store, either_hub.settings, clock.now)
    admin = signed_in_as(app, either_hub.store, clock, Role.ADMIN)
    assert "admin admin (you)" in text_of(admin.get(PEOPLE).text)
    assert shown(post(admin, PEOPLE, name="alice", role="viewer").text)
    assert post(admin, f"{PEOPLE}/alice/role", role="admin").status_code == 303
    assert post(admin, f"{PEOPLE}/alice/disable").status_code == 303
    assert post(admin, "/settings/tokens", name="desk", scope="look").status_code == 200
