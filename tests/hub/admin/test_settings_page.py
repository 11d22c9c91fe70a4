"""The Settings pages: one's own password and sessions, what is in force and from where, and what was done by whom."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import text
from starlette.testclient import TestClient

from connectors.kit.testing import FakeClock
from hub import audit
from hub.access.roles import Role
from hub.queries.acts import Wanted, acts, looking
from hub.store.engine import Store
from hub.users import passwords
from hub.users.accounts import set_password
from tests.hub.admin.browsing import Structure, post, signed_in_as, text_of
from tests.hub.admin.estate import Estate
from tests.hub.users.quick import QUICK
from tests.hub.world import store

__all__ = ["store"]

OLD, NEW = "blue kettle nine", "red kettle eleven"
NOW = datetime(2026, 5, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def viewer(app: FastAPI, hub: Estate, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> TestClient:
    """A viewer with a password."""
    monkeypatch.setattr(passwords, "HASHER", QUICK)
    passwords._nobodys.cache_clear()
    client = signed_in_as(app, hub.store, clock, Role.VIEWER)
    hub.store.write(lambda db: set_password(db, "viewer", QUICK.hash(OLD)))
    return client


def change(client: TestClient, old: str = OLD, new: str = NEW, again: str = "") -> Any:
    return post(client, "/settings/password", old=old, password=new, again=again or new)


@pytest.mark.parametrize(
    ("role", "pages"),
    [
        (Role.VIEWER, {"/settings"}),
        (Role.REVIEWER, {"/settings"}),
        (Role.OPERATOR, {"/settings", "/settings/configuration"}),
        (Role.ADMIN, {f"/settings{page}" for page in ("", "/configuration", "/people", "/audit", "/export")}),
    ],
)
def test_everybody_sees_the_parts_that_are_theirs(
    app: FastAPI, hub: Estate, clock: FakeClock, role: Role, pages: set[str]
) -> None:
    client = signed_in_as(app, hub.store, clock, role)
    assert "/settings" in Structure(client.get("/").text).links
    page = client.get("/settings")
    assert {link for link in Structure(page.text).links if link.startswith("/settings")} - {
        "/settings/password",
        "/settings/sessions",
    } == pages
    assert all(client.get(one).status_code == 200 for one in pages)


@pytest.mark.fault("A05")
def test_a_changed_password_gives_a_new_session_and_ends_the_others(
    app: FastAPI, hub: Estate, clock: FakeClock, viewer: TestClient
) -> None:
    other = signed_in_as(app, hub.store, clock, Role.VIEWER)
    assert text_of(viewer.get("/settings").text).count("another browser") == 1
    before = viewer.cookies["hub_session"]
    answer = change(viewer)
    assert answer.headers["location"] == "/settings?changed=1"
    assert viewer.cookies["hub_session"] != before
    assert "Your password is changed." in text_of(viewer.get("/settings?changed=1").text)
    assert other.get("/").status_code == 401
    assert change(viewer).status_code == 422
    assert change(viewer, NEW, OLD).status_code == 303


@pytest.mark.fault("A06")
def test_the_old_password_is_asked_and_guessing_it_gets_slower(viewer: TestClient, clock: FakeClock) -> None:
    answers = [text_of(change(viewer, f"guess {number}").text) for number in range(20)]
    assert sum("not your password" in one for one in answers) == 5
    assert sum("too often" in one for one in answers) == 15
    clock.advance(MINUTE)
    assert change(viewer).status_code == 303


def test_a_password_that_is_not_taken_says_why(viewer: TestClient) -> None:
    for new, again, told in (("short", "", "8 to 128"), ("password1", "", "tries first"), (NEW, OLD, "not the same")):
        answer = change(viewer, OLD, new, again)
        assert answer.status_code == 422
        assert told in answer.text
    assert change(viewer).status_code == 303


def test_who_has_no_password_is_told_how_to_get_one(
    app: FastAPI, hub: Estate, clock: FakeClock, browser: TestClient
) -> None:
    client = signed_in_as(app, hub.store, clock, Role.REVIEWER)
    assert "hub user link reviewer" in text_of(client.get("/settings").text)
    assert "hub user link reviewer" in text_of(change(client).text)
    assert "hub user add NAME" in text_of(browser.get("/settings").text)
    assert change(browser).status_code == 422


@pytest.mark.fault("A05")
def test_all_own_sessions_end_and_nobody_elses(
    app: FastAPI, hub: Estate, clock: FakeClock, viewer: TestClient, browser: TestClient
) -> None:
    other = signed_in_as(app, hub.store, clock, Role.VIEWER)
    assert post(viewer, "/settings/sessions").status_code == 200
    assert [client.get("/").status_code for client in (viewer, other, browser)] == [401, 401, 200]
    assert post(browser, "/settings/sessions").status_code == 200
    assert browser.get("/").status_code == 401


def test_the_configuration_is_shown_with_file_and_line_and_what_is_wrong_with_it(
    hub: Estate, browser: TestClient
) -> None:
    page = text_of(browser.get("/settings/configuration").text)
    assert re.search(r"region AU .*hub\.yaml:\d+", page)
    assert re.search(r"connections\.desk \d+ values", page)
    assert "Not checked since this hub started." in page
    file = hub.settings.folder / "hub.yaml"
    file.write_text(json.dumps({**json.loads(file.read_text()), "<script>alert(1)</script>": 1}))
    answer = browser.get("/settings/configuration")
    assert "HUB-C004" in answer.text
    assert "<script>alert" not in answer.text


@pytest.mark.fault("A11")
def test_no_secret_is_shown(hub: Estate, browser: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = "0123456789canary-us21"
    monkeypatch.setenv("LIST_KEY", secret)
    (hub.settings.folder / "connections" / "newsletter.yaml").write_text(
        'kind: mailchimp\nconfig: {audience: "57afe96172", api_key: "${env:LIST_KEY}"}\n'
    )
    page = browser.get("/settings/configuration")
    assert "connections.newsletter" in page.text
    assert secret not in page.text
    assert "env LIST_KEY" in page.text
    post(browser, "/settings/configuration")
    assert secret not in browser.get("/settings/configuration").text


def test_check_now_tells_what_the_doctor_says(browser: TestClient) -> None:
    assert post(browser, "/settings/configuration").headers["location"] == "/settings/configuration#doctor"
    page = text_of(browser.get("/settings/configuration").text)
    assert "Checked just now" in page
    assert "configuration well every file is valid" in page


def fill(store: Store) -> None:
    """Two hundred acts, a minute apart."""

    def write(db: Any) -> None:
        for number in range(200):
            actor, action = ("alice", "reveal") if number % 4 else ("bob", "user.add")
            audit.note(db, NOW + number * MINUTE, actor, action, f"c_{number % 10}", {"reason": "<b>a call</b>"})

    store.write(write)


def test_the_audit_is_searched_by_who_what_whom_and_when_and_leafed_through(store: Store) -> None:
    fill(store)

    def found(limit: int = 1000, before: int | None = None, **wanted: Any) -> list[int]:
        with store.read() as db:
            return [row["id"] for row in acts(db, Wanted(**wanted), limit, before)]

    assert found(limit=3) == [200, 199, 198]
    assert found(limit=3, before=198) == [197, 196, 195]
    assert len(found(actor="bob")) == len(found(action="user.add")) == len(found(action="user.")) == 50
    assert found(action="user") == found(actor="'; DROP TABLE audit_entry; --") == []
    assert found(subject="c_0", limit=2) == [191, 181]
    assert found(since=NOW + 10 * MINUTE, until=NOW + 12 * MINUTE) == [12, 11]
    assert found(since=NOW + 500 * MINUTE) == found(until=NOW) == []
    assert found(actor="bob", action="reveal") == []


@pytest.mark.parametrize(
    "wanted", [{}, {"actor": "bob"}, {"subject": "c_1"}, {"action": "reveal"}, {"since": NOW}, {"until": NOW + MINUTE}]
)
def test_no_search_of_the_audit_reads_it_whole(store: Store, wanted: dict[str, Any]) -> None:
    fill(store)
    with store.read() as db:
        assert acts(db, Wanted(**wanted), 50)
        statement = looking(db, Wanted(**wanted), 50).compile(db, compile_kwargs={"literal_binds": True})
        if store.is_sqlite:
            plan = " ".join(str(row) for row in db.execute(text(f"EXPLAIN QUERY PLAN {statement}")))
            assert "USE TEMP B-TREE" not in plan
            assert "SEARCH" in plan or wanted == {}
        else:
            db.execute(text("SET LOCAL enable_seqscan = off"))
            plan = " ".join(str(row) for row in db.execute(text(f"EXPLAIN {statement}")))
            assert "Seq Scan" not in plan


def test_the_audit_page_leafs_by_number_and_says_everything_as_text(hub: Estate, browser: TestClient) -> None:
    fill(hub.store)
    page = browser.get("/settings/audit", params={"actor": "alice", "from": "2026-01-01", "to": "2026-12-31"})
    assert "<b>a call</b>" not in page.text
    assert "reason: <b>a call</b>" in text_of(page.text)
    older = next(link for link in Structure(page.text).links if "before=" in link)
    rows = [int(one) for one in re.findall(r'<td class="count">(\d+)</td>', page.text)]
    rows += [int(one) for one in re.findall(r'<td class="count">(\d+)</td>', browser.get(older).text)]
    assert rows == sorted(rows, reverse=True)
    assert len(set(rows)) == 100
    assert "Nothing of that kind" in browser.get("/settings/audit", params={"action": "never"}).text


@pytest.mark.parametrize("odd", ["\x00", "é" * 500, "-1", "9" * 40, "²", "2026-13-45", "0001-01-01", "9999-12-31"])
def test_odd_searches_are_answered(browser: TestClient, odd: str) -> None:
    for name in ("actor", "action", "subject", "from", "to", "before"):
        assert browser.get("/settings/audit", params={name: odd}).status_code == 200


@pytest.mark.fault("A18")
def test_verify_tells_the_anchor_or_the_row_that_was_changed(hub: Estate, browser: TestClient) -> None:
    fill(hub.store)
    with hub.store.read() as db:
        number, last = audit.head(db)
    assert f"Anchor: {number} {last}" in text_of(post(browser, "/settings/audit").text)
    hub.store.write(lambda db: db.execute(text("DROP TRIGGER audit_entry_no_update")))
    hub.store.write(lambda db: db.execute(text("UPDATE audit_entry SET actor = 'x' WHERE id = 7")))
    assert "Row 7 is not what was written." in text_of(post(browser, "/settings/audit").text)
