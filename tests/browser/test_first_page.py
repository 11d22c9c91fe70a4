"""The first page in a real browser: the link, the search as one types, a contact, and nothing from any other host."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from hub.admin.serve import Serving, serve
from tests.browser.walk import PATIENCE_MS, sign_in
from tests.hub.admin import estate as estates


@pytest.fixture
def pages(tmp_path: Path) -> Iterator[Serving]:
    with estates.estate(tmp_path, "sqlite:///hub.db") as hub:
        hub.put(estates.DESK, estates.LOYALTY, estates.ORDERS)
        with serve(hub.store, hub.settings) as serving:
            yield serving


def test_from_the_link_to_a_contact(page: Page, pages: Serving, complaints: list[str]) -> None:
    sign_in(page, pages)
    assert page.url == f"{pages.url}/"
    expect(page.get_by_role("table")).to_contain_text("loyalty people")

    page.get_by_role("link", name="Contacts", exact=True).click()
    page.get_by_role("searchbox").press_sequentially("charl")
    expect(page.locator("#results tbody tr")).to_have_count(1)
    expect(page).to_have_url(f"{pages.url}/contacts?q=charl")

    page.get_by_role("searchbox").fill("ali")
    page.get_by_role("link", name="Alice Nguyen").click()
    expect(page.get_by_role("heading", name="Alice Nguyen")).to_be_visible()
    lost = page.get_by_text("Alise Nguyen", exact=True).first
    expect(lost).to_be_hidden()
    page.get_by_text("2 values").click()
    expect(lost).to_be_visible()
    page.get_by_role("link", name="Timeline", exact=True).click()
    expect(page.locator("#timeline")).to_contain_text("2 × Blue mug")

    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Signed out")).to_be_visible()
    assert complaints == []


def test_a_slash_goes_to_the_search_box(page: Page, pages: Serving, complaints: list[str]) -> None:
    sign_in(page, pages)
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.type("a/b")
    expect(page.get_by_role("searchbox")).to_have_value("a/b")
    expect(page.locator("#results")).to_contain_text("No match.")
    assert complaints == []


TYPED_EARLY = """document.addEventListener("readystatechange", () => {
  const box = document.getElementById("q");
  if (document.readyState === "interactive" && box) box.value = "a/b";
})"""


def test_what_is_typed_before_the_scripts_are_there_is_searched_for(
    page: Page, pages: Serving, complaints: list[str]
) -> None:
    sign_in(page, pages)
    page.add_init_script(TYPED_EARLY)
    page.goto(f"{pages.url}/contacts")
    expect(page.locator("#results")).to_contain_text("No match.")
    assert complaints == []


def test_searching_works_without_scripts(chromium: Browser, pages: Serving) -> None:
    page = chromium.new_page(java_script_enabled=False)
    page.set_default_timeout(PATIENCE_MS)
    sign_in(page, pages)
    page.goto(f"{pages.url}/contacts")
    page.get_by_role("searchbox").fill("charlie")
    page.get_by_role("button", name="Search").click()
    expect(page.locator("#results tbody tr")).to_have_count(1)
    page.context.close()


def test_a_narrow_page_does_not_scroll_sideways(page: Page, pages: Serving) -> None:
    page.set_viewport_size({"width": 400, "height": 800})
    sign_in(page, pages)
    for path in ("/", "/contacts", "/contacts/alice@example.com", "/runs", "/runs/1", "/quarantine", "/nothing"):
        page.goto(pages.url + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 400, path
