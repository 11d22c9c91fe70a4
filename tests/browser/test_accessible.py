"""What axe-core finds on every page, light and dark: nothing serious."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from hub.admin.serve import Serving, serve
from tests.browser.walk import sign_in
from tests.hub.admin import estate as estates

PLACES = (
    *("/", "/review", "/review/history", "/review/patterns", "/contacts", "/contacts?q=alice", "/runs", "/runs/1"),
    *("/quarantine", "/outgoing", "/settings", "/settings/configuration", "/settings/people", "/settings/audit"),
    *("/settings/export", "/nothing"),
)
TABS = ("fields", "timeline", "consent", "segments", "records", "history")
LOUD = {"serious", "critical"}


@pytest.fixture
def pages(tmp_path: Path) -> Iterator[Serving]:
    with estates.estate(tmp_path, "sqlite:///hub.db") as hub:
        hub.put(estates.DESK, estates.LOYALTY, estates.ORDERS)
        with serve(hub.store, hub.settings) as serving:
            yield serving


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_has_a_serious_fault(page: Page, pages: Serving, scheme: str) -> None:
    sign_in(page, pages)
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.goto(f"{pages.url}/contacts/alice@example.com")
    own = page.url.removeprefix(pages.url)
    found = []
    for place in (*PLACES, *(f"{own}?tab={tab}" for tab in TABS), f"{own}/print", f"{own}/merge?q=bob"):
        page.goto(pages.url + place)
        told = Axe().run(page).response["violations"]
        found += [
            f"{place}: {one['id']}: {node['html'][:120]}"
            for one in told
            if one["impact"] in LOUD
            for node in one["nodes"]
        ]
    assert found == []
