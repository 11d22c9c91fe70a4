"""Consent and Outgoing in a real browser: a no is read, the plan is sent, and what became of it is told."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from hub.admin.serve import Serving, serve
from tests.browser.walk import sign_in
from tests.hub.admin.place import Place, open_place

DAY = timedelta(days=1)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    """Charlie unsubscribed at the shop and wrote to the help desk, Alice bought twice."""
    with open_place(tmp_path, f"sqlite:///{tmp_path / 'hub.db'}", monkeypatch) as made:
        alice, charlie = made.town.welcome("Alice", 156), made.town.welcome("Charlie", 158)
        with made.town.at(-DAY):
            made.town.shop.unsubscribe(charlie.customer, "email")
            made.town.help.open_ticket(charlie.user, "Where is my parcel?", "It should have come yesterday")
            made.town.texts.text(charlie.phone, "STOP")
            for _ in range(2):
                made.town.shop.place_order(alice.customer)
        made.pull()
        yield made


@pytest.fixture
def pages(place: Place) -> Iterator[Serving]:
    with serve(place.store, place.settings) as serving:
        yield serving


def test_from_the_plan_to_what_became_of_it(page: Page, pages: Serving, place: Place, complaints: list[str]) -> None:
    sign_in(page, pages)
    page.get_by_role("link", name="Outgoing", exact=True).click()
    expect(page.get_by_role("heading", name="Outgoing")).to_be_visible()
    page.get_by_role("link", name="charlie@example.com").first.click()
    page.get_by_role("link", name="Consent", exact=True).click()
    expect(page.locator("#consent")).to_contain_text("Must not be sent to")
    page.get_by_role("link", name="Timeline", exact=True).click()
    expect(page.locator("#timeline")).to_contain_text("Where is my parcel?")
    page.get_by_role("link", name="Outgoing", exact=True).click()
    page.get_by_role("button", name="Send exactly this plan").click()
    expect(page.get_by_text("was sent.")).to_be_visible()
    assert ("email", "charlie@example.com", "out") in place.town.consents("newsletter")
    assert complaints == []


def test_a_narrow_page_of_consent_does_not_scroll_sideways(page: Page, pages: Serving, place: Place) -> None:
    charlie = place.id_of("charlie@example.com")
    page.set_viewport_size({"width": 400, "height": 800})
    sign_in(page, pages)
    for path in ("/outgoing", "/contacts/charlie@example.com", f"/contacts/{charlie}?tab=consent"):
        page.goto(pages.url + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 400, path
