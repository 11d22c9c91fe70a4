"""What every walk through the pages begins with."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from hub.admin.serve import Serving

PATIENCE_MS = 15_000
OPENS = re.compile("^Open contact hub")
"""The button behind a printed link; a user may set a password by another."""


def sign_in(page: Page, pages: Serving) -> None:
    page.goto(pages.sign_in_url)
    page.get_by_role("button", name=OPENS).click()
    expect(page.get_by_role("heading", name="Home")).to_be_visible()
    page.wait_for_load_state()  # the keys' own script runs before that
