"""One contact in a real browser: masked and revealed, pinned and undone, split off, on a phone and without scripts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from connectors.kit.base import utc_now
from hub.access.roles import Role
from hub.admin.contact_tabs import TABS
from hub.admin.serve import Serving, serve
from hub.admin.sessions import make_link
from hub.queries.find import find
from hub.users.accounts import add_user
from tests.browser.walk import OPENS, PATIENCE_MS, sign_in
from tests.hub.admin import estate as estates
from tests.hub.admin.estate import Estate
from tests.hub.queries.test_timeline import many_events

PHONE = {"width": 360, "height": 780}


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Estate]:
    with estates.estate(tmp_path, "sqlite:///hub.db") as made:
        made.put(estates.DESK, estates.LOYALTY, estates.ORDERS)
        yield made


@pytest.fixture
def pages(hub: Estate) -> Iterator[Serving]:
    with serve(hub.store, hub.settings) as serving:
        yield serving


def open_as(page: Page, hub: Estate, pages: Serving, role: Role) -> None:
    """Sign in as a new user of that role."""
    hub.store.write(lambda db: add_user(db, role.value, role, utc_now()))
    page.goto(make_link(hub.store, pages.url, utc_now, role.value))
    page.get_by_role("button", name=OPENS).click()
    expect(page.get_by_role("heading", name="Home")).to_be_visible()


def alice_at(hub: Estate, pages: Serving) -> str:
    with hub.store.read() as db:
        return f"{pages.url}/contacts/{find(db, 'desk:people:D1', 'AU').contact_id}"


def test_a_reviewer_reveals_a_contact_once(page: Page, hub: Estate, pages: Serving, complaints: list[str]) -> None:
    open_as(page, hub, pages, Role.REVIEWER)
    page.goto(alice_at(hub, pages))
    expect(page.get_by_role("heading", level=1)).to_have_text("A••• N•••")
    expect(page.get_by_text("alice@example.com")).to_have_count(0)
    page.get_by_label("Why you need to see them").fill("she is on the phone")
    page.get_by_role("button", name="Show once").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Alice Nguyen")
    expect(page.get_by_role("status")).to_contain_text("she is on the phone")
    page.get_by_role("link", name="Timeline", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("A••• N•••")
    assert complaints == []


@pytest.mark.parametrize("scripts", [True, False])
def test_a_value_is_pinned_and_the_pin_undone(chromium: Browser, hub: Estate, pages: Serving, scripts: bool) -> None:
    page = chromium.new_page(java_script_enabled=scripts)
    page.set_default_timeout(PATIENCE_MS)
    sign_in(page, pages)
    page.goto(alice_at(hub, pages))
    page.get_by_role("link", name="Pin a value of Name").click()
    page.get_by_label("Alise Nguyen").check()
    page.get_by_label("Why").fill("her passport")
    page.get_by_role("button", name="Pin it").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Alise Nguyen")
    expect(page.locator("#history")).to_contain_text("her passport")
    page.get_by_role("button", name="Undo decision 1").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Alice Nguyen")
    expect(page.locator("#history")).to_contain_text("undone by owner")
    page.context.close()


def test_a_record_is_split_off(page: Page, hub: Estate, pages: Serving, complaints: list[str]) -> None:
    sign_in(page, pages)
    page.goto(f"{alice_at(hub, pages)}?tab=records")
    page.get_by_role("checkbox", name="somebody else").nth(1).check()
    page.get_by_role("button", name="Split them off").click()
    expect(page.locator("#history")).to_contain_text("split off")
    assert complaints == []


def test_a_contact_of_ten_thousand_events_is_read_page_by_page(
    page: Page, hub: Estate, pages: Serving, complaints: list[str]
) -> None:
    sign_in(page, pages)
    own = alice_at(hub, pages)
    many_events(hub.store)
    page.goto(own)
    expect(page.get_by_text("10\u202f001 orders")).to_be_visible()
    page.get_by_role("link", name="Timeline", exact=True).click()
    expect(page.locator("#timeline tbody tr")).to_have_count(50)
    newest = page.locator("#timeline tbody tr").first.inner_text()
    page.get_by_role("link", name="Older than these").click()
    expect(page.get_by_role("link", name="The newest")).to_be_visible()
    expect(page.locator("#timeline tbody tr")).to_have_count(50)
    assert page.locator("#timeline tbody tr").first.inner_text() != newest
    assert complaints == []


def test_every_tab_fits_on_a_phone(page: Page, hub: Estate, pages: Serving, complaints: list[str]) -> None:
    page.set_viewport_size({"width": PHONE["width"], "height": PHONE["height"]})
    sign_in(page, pages)
    own = alice_at(hub, pages)
    for path in (
        *(f"?tab={tab}" for tab in TABS),
        "/print",
        "/pin?field=name",
        "/merge?q=bob",
        "/why?with=desk:people:D2",
    ):
        page.goto(own + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], path
    assert complaints == []


def test_keys_lead_to_the_parts_of_a_contact_and_home(
    page: Page, hub: Estate, pages: Serving, complaints: list[str]
) -> None:
    sign_in(page, pages)
    page.goto(alice_at(hub, pages))
    for key, part in (("t", "Timeline"), ("c", "Consent"), ("h", "History"), ("o", "Records")):
        page.keyboard.press(key)
        expect(page.locator("#tab-title")).to_have_text(part)
        page.wait_for_load_state()
    page.keyboard.press("s")
    expect(page.get_by_role("checkbox", name="somebody else").first).to_be_focused()
    page.keyboard.press("e")
    expect(page.locator("#tab-title")).to_have_text("Fields")
    page.wait_for_load_state()
    page.keyboard.press("e")
    expect(page.get_by_role("heading", name="Pin")).to_be_visible()
    page.wait_for_load_state()
    page.keyboard.press("g")
    page.keyboard.press("h")
    expect(page.get_by_role("heading", name="Home")).to_be_visible()
    assert complaints == []


def test_keys_of_one_letter_are_switched_off_for_every_page(
    page: Page, hub: Estate, pages: Serving, complaints: list[str]
) -> None:
    sign_in(page, pages)
    page.goto(alice_at(hub, pages))
    page.keyboard.press("?")
    page.get_by_label("single keys do this").uncheck()
    for key in ("t", "/", "?"):
        page.keyboard.press(key)
    expect(page.locator("#tab-title")).to_have_text("Fields")
    expect(page.locator("#help")).to_have_attribute("open", "")
    page.goto(f"{pages.url}/runs")
    page.keyboard.press("/")
    page.keyboard.press("?")
    expect(page.locator("#help")).not_to_have_attribute("open", "")
    expect(page).to_have_url(f"{pages.url}/runs")
    page.get_by_text("Keys ?").click()
    page.get_by_label("single keys do this").check()
    page.keyboard.press("/")
    expect(page).to_have_url(f"{pages.url}/contacts")
    assert complaints == []
