"""What every walk through the pages begins with."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from hub.admin.serve import Serving

PATIENCE_MS = 15_000


def sign_in(page: Page, pages: Serving) -> None:
    page.goto(pages.sign_in_url)
    page.get_by_role("button", name="Open contact hub").click()
    expect(page.get_by_role("heading", name="Home")).to_be_visible()
    page.wait_for_load_state()  # the keys' own script runs before that
