"""Review in a real browser: thirty pairs by keyboard, five taken back, two reviewers, a connection that breaks."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import func, select

from hub.admin.serve import Serving, serve
from hub.admin.sessions import make_link
from hub.stages.reading import decision_pins, decisions
from tests.browser.walk import OPENS, PATIENCE_MS, sign_in
from tests.hub.admin import estate as estates
from tests.hub.admin.estate import Estate
from tests.hub.admin.review.crowd import pairs

QUESTION = "#review article.question"
MEASURED = "performance.getEntriesByName('review-next').map(one => one.duration)"


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Estate]:
    with estates.estate(tmp_path, "sqlite:///hub.db") as made:
        made.put(*pairs(60))
        yield made


@pytest.fixture
def pages(hub: Estate) -> Iterator[Serving]:
    with serve(hub.store, hub.settings) as serving:
        yield serving


def begin(page: Page, pages: Serving) -> None:
    page.goto(f"{pages.url}/review")
    page.get_by_role("button", name="Begin").click()
    expect(page.locator(QUESTION)).to_be_visible()
    page.wait_for_load_state()


def item(page: Page) -> str:
    return page.locator(QUESTION).get_attribute("data-item") or ""


def answer(page: Page, key: str) -> None:
    """One key, and the next pair is there."""
    before = item(page)
    page.keyboard.press(key)
    expect(page.locator(QUESTION)).not_to_have_attribute("data-item", before)


def standing(hub: Estate) -> int:
    with hub.store.read() as db:
        query = select(func.count()).select_from(decisions).where(decisions.c.revoked_at.is_(None))
        return db.execute(query).scalar_one()


def settled(page: Page) -> None:
    """Everything is sent."""
    expect(page.locator("#review")).to_have_attribute("data-waiting", "0")


def p95(found: list[float]) -> float:
    return sorted(found)[math.ceil(len(found) * 0.95) - 1]


def test_thirty_pairs_by_keyboard_and_five_taken_back(
    page: Page, pages: Serving, hub: Estate, complaints: list[str]
) -> None:
    sign_in(page, pages)
    begin(page, pages)
    settled(page)
    seen = []
    for at in range(30):
        seen.append(item(page))
        answer(page, "xm"[at % 2])
        page.wait_for_timeout(150)
    settled(page)
    assert len(set(seen)) == 30
    assert standing(hub) == 30
    painted = page.evaluate(MEASURED)
    assert len(painted) == 30
    print(f"\nnext pair painted: median {p95(painted[:1]):.0f} first, p95 {p95(painted):.0f} ms")

    undone = []
    for back in reversed(seen[-5:]):
        since = page.evaluate("performance.now()")
        page.keyboard.press("u")
        expect(page.locator(QUESTION)).to_have_attribute("data-item", back)
        undone.append(page.evaluate("performance.now()") - since)
    print(f"undone and shown again: p95 {p95(undone):.0f} ms")
    assert standing(hub) == 25
    expect(page.locator("#progress")).to_contain_text("undone 5")
    answer(page, "s")
    answer(page, "x")
    settled(page)
    assert standing(hub) == 26
    assert complaints == []


def test_two_reviewers_never_have_one_pair(page: Page, chromium: Browser, pages: Serving, hub: Estate) -> None:
    sign_in(page, pages)
    begin(page, pages)
    other = chromium.new_page()
    other.set_default_timeout(PATIENCE_MS)
    other.goto(make_link(hub.store, pages.url))
    other.get_by_role("button", name=OPENS).click()
    expect(other.get_by_role("heading", name="Home")).to_be_visible()
    begin(other, pages)
    seen = []
    for _ in range(6):
        for one in (page, other):
            settled(one)
            seen.append(item(one))
            answer(one, "x")
    for one in (page, other):
        settled(one)
    assert len(set(seen)) == len(seen) == standing(hub)
    other.context.close()


def test_answers_outlive_a_broken_connection(page: Page, pages: Serving, hub: Estate) -> None:
    sign_in(page, pages)
    begin(page, pages)
    settled(page)
    page.context.set_offline(True)
    for key in "mx":
        answer(page, key)
    expect(page.locator("#notice")).to_contain_text("No connection")
    assert standing(hub) == 0
    page.context.set_offline(False)
    settled(page)
    assert standing(hub) == 2


def test_keys_do_nothing_while_a_note_is_written_or_when_they_are_off(
    page: Page, pages: Serving, hub: Estate, complaints: list[str]
) -> None:
    sign_in(page, pages)
    begin(page, pages)
    settled(page)
    first = item(page)
    page.keyboard.press("e")
    page.keyboard.type("mx, surely")
    expect(page.get_by_label("Note on the decision")).to_have_value("mx, surely")
    page.keyboard.press("Escape")
    page.get_by_label("answer by single keys").uncheck()
    page.keyboard.press("m")
    assert item(page) == first
    page.get_by_label("answer by single keys").check()
    page.keyboard.press("w")
    expect(page.locator("svg.waterfall")).to_be_visible()
    answer(page, "m")
    settled(page)
    with hub.store.read() as db:
        assert db.execute(select(decisions.c.reason)).scalar_one() == "mx, surely"
    assert complaints == []


def test_a_number_says_whose_value_wins_and_help_tells_the_keys(
    page: Page, pages: Serving, hub: Estate, complaints: list[str]
) -> None:
    sign_in(page, pages)
    begin(page, pages)
    settled(page)
    row = page.locator("table.beside tr", has_text="Name")
    result, loser = row.locator("td.result"), row.locator("td").nth(1).inner_text()
    page.keyboard.press("1")
    page.keyboard.press("1")
    expect(result.locator(".right bdi").first).to_be_visible()
    expect(result.locator(".right bdi").first).to_have_text(loser)
    expect(result.locator(".ruled")).to_be_hidden()
    page.keyboard.press("?")
    expect(page.get_by_text("whose value wins")).to_be_visible()
    answer(page, "m")
    settled(page)
    with hub.store.read() as db:
        assert [one.field for one in db.execute(select(decision_pins))] == ["name"]
    assert complaints == []


def test_without_scripts_a_pair_is_decided_by_a_button(chromium: Browser, pages: Serving, hub: Estate) -> None:
    page = chromium.new_page(java_script_enabled=False)
    page.set_default_timeout(PATIENCE_MS)
    sign_in(page, pages)
    page.goto(f"{pages.url}/review")
    page.get_by_role("button", name="Begin").click()
    page.get_by_label("What wins as Name").select_option(label="B wins")
    expect(page.locator("td.result .right").first).to_be_visible()
    page.get_by_role("button", name="Merge").click()
    expect(page.locator("#progress")).to_contain_text("Question 2 of 60")
    page.get_by_role("button", name="Undo the last answer").click()
    expect(page.locator("#progress")).to_contain_text("Question 1 of 60")
    assert standing(hub) == 0
    page.context.close()


def test_a_phone_shows_a_pair_without_scrolling_sideways(page: Page, pages: Serving) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    sign_in(page, pages)
    for path in ("/review", "/review/history"):
        page.goto(pages.url + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, path
    begin(page, pages)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
