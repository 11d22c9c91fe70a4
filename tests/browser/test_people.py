"""People in a real browser: a first password behind a link, signing in with it, a user added, and a phone's width."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from hub.access.roles import Role
from hub.admin.serve import Serving, serve
from hub.admin.sessions import make_link
from hub.store.engine import Store
from hub.users.accounts import add_user
from tests.hub.admin import estate as estates

PASSWORD = "blue kettle nine"
PHONE = {"width": 360, "height": 740}


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[Serving, Store]]:
    with estates.estate(tmp_path, "sqlite:///hub.db") as hub, serve(hub.store, hub.settings) as serving:
        hub.store.write(lambda db: add_user(db, "alice", Role.ADMIN, datetime.now(UTC)))
        yield serving, hub.store


@pytest.fixture
def pages(served: tuple[Serving, Store]) -> Serving:
    return served[0]


def test_from_a_link_to_a_password_and_back_in_with_it(
    page: Page, served: tuple[Serving, Store], complaints: list[str]
) -> None:
    pages, store = served
    page.goto(make_link(store, pages.url, user_name="alice"))
    page.get_by_label("New password").fill(PASSWORD)
    page.get_by_label("The same again").fill(PASSWORD)
    page.get_by_role("button", name="Keep it and open contact hub").click()
    expect(page.get_by_role("heading", name="Home")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()

    page.get_by_role("link", name="Sign in with name and password").click()
    page.get_by_label("Name").fill("alice")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Home")).to_be_visible()

    page.set_viewport_size(PHONE)
    for name in ("Settings", "Configuration", "People", "Audit", "Export"):
        page.get_by_role("link", name=name, exact=True).click()
        expect(page.get_by_role("heading", level=1, name=name)).to_be_visible()
        page.wait_for_load_state()  # a heading is there before its style sheet
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], name

    page.get_by_role("link", name="People", exact=True).click()
    page.get_by_label("Name").first.fill("bob")
    page.get_by_label("Role").first.select_option("reviewer")
    page.get_by_role("button", name="Add, and show a link").click()
    expect(page.get_by_role("status")).to_contain_text(f"{pages.url}/sign-in?token=")
    page.get_by_role("button", name="Disable bob").click()
    expect(page.get_by_role("row", name="bob")).to_contain_text("disabled")
    assert complaints == []
