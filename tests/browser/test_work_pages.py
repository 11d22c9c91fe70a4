"""Home, Runs, Quarantine and Outgoing in a browser: keys, figures that move, and no page wider than a phone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import update

from hub.admin import live
from hub.admin.serve import Serving, serve
from hub.stages.runs import runs
from tests.browser.walk import sign_in
from tests.hub.admin import estate as estates
from tests.hub.admin.estate import Estate
from tests.hub.admin.test_pages import note_run
from tests.hub.admin.test_quarantine_page import refuse

PHONE = {"width": 360, "height": 800}
WORK = ("/", "/runs", "/runs/4", "/quarantine", "/outgoing")


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Estate]:
    with estates.estate(tmp_path, "sqlite:///hub.db") as made:
        made.put(estates.DESK, estates.LOYALTY, estates.ORDERS)
        yield made


@pytest.fixture
def pages(hub: Estate, monkeypatch: pytest.MonkeyPatch) -> Iterator[Serving]:
    monkeypatch.setattr(live, "EVERY_SECONDS", 0.2)
    with serve(hub.store, hub.settings) as serving:
        yield serving


def test_figures_move_while_one_looks_and_a_run_that_begins_appears(
    page: Page, pages: Serving, hub: Estate, complaints: list[str]
) -> None:
    sign_in(page, pages)
    expect(page.locator("#live")).to_have_text("live")
    number = note_run(hub, "loyalty", "people", status="running", fetched=10)
    row = page.locator('tr[data-turn="turn.loyalty.people"]')
    expect(row).to_contain_text("running")
    hub.store.write(lambda db: db.execute(update(runs).where(runs.c.id == number).values(fetched=4_000)))
    expect(row.locator('[data-live="loyalty.people.fetched"]')).to_have_text("4\N{NARROW NO-BREAK SPACE}000")
    assert complaints == []


def test_a_stream_is_paused_and_resumed_by_its_buttons(page: Page, pages: Serving, complaints: list[str]) -> None:
    sign_in(page, pages)
    page.get_by_role("button", name="Pause: desk people").click()
    expect(page.get_by_role("status")).to_contain_text("Paused")
    expect(page.locator("#streams")).to_contain_text("paused by owner")
    page.get_by_role("button", name="Resume: desk people").click()
    expect(page.locator("#streams")).not_to_contain_text("paused by")
    assert complaints == []


def test_runs_are_walked_by_keys(page: Page, pages: Serving, hub: Estate, complaints: list[str]) -> None:
    failed = note_run(hub, status="failed", message="the vendor is down")
    sign_in(page, pages)
    page.goto(f"{pages.url}/runs")
    page.keyboard.press("f")
    expect(page.get_by_role("link", name="All runs")).to_be_visible()
    page.wait_for_load_state()  # the keys' own script runs before that
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=f"Run {failed}")).to_be_visible()
    assert complaints == []


def test_a_quarantine_group_is_read_again_by_keys(
    page: Page, pages: Serving, hub: Estate, complaints: list[str]
) -> None:
    refuse(hub)
    sign_in(page, pages)
    page.goto(f"{pages.url}/quarantine")
    page.keyboard.press("j")
    page.keyboard.press("r")
    expect(page.get_by_role("button", name="Read again")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("can be used now")
    expect(page.get_by_text("Nothing held back.")).to_be_visible()
    assert complaints == []


def test_no_page_is_wider_than_a_phone(page: Page, pages: Serving, hub: Estate, complaints: list[str]) -> None:
    refuse(hub, reason="x" * 300)
    note_run(hub, status="failed", message="y" * 300)
    sign_in(page, pages)
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    for path in WORK:
        page.goto(f"{pages.url}{path}")
        for details in page.locator("main details").all():
            details.evaluate("one => { one.open = true; }")
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], path
    assert complaints == []
