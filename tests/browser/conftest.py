"""A browser, a page that notes what goes wrong in it. Each file brings `pages`, what is served."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from hub.admin.serve import Serving
from tests.browser.walk import PATIENCE_MS


def browser_path() -> str | None:
    """A browser of the system's."""
    return shutil.which("chromium") or shutil.which("google-chrome")


def _chromium() -> str:
    """The browser; skips without one, but fails where nobody reads of the skip."""
    found = browser_path()
    if found is None:
        missing = "no chromium on the PATH: `make browser` gets one"
        if os.environ.get("CI", "").lower() in {"1", "true"}:
            pytest.fail(missing, pytrace=False)
        pytest.skip(missing)
    return found


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = _chromium()
    with sync_playwright() as playwright:
        root = hasattr(os, "geteuid") and os.geteuid() == 0
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"] if root else [])
        yield browser
        browser.close()


REMARK = "info"
"""What the browser says by the way, as that a hand was quicker than a field that takes the focus by itself."""


@pytest.fixture
def complaints() -> list[str]:
    """What the browser finds wrong: messages on its console, errors of scripts, requests to other hosts."""
    return []


@pytest.fixture
def page(chromium: Browser, pages: Serving, complaints: list[str]) -> Iterator[Page]:
    page = chromium.new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.on("console", lambda said: None if said.type == REMARK else complaints.append(f"console: {said.text}"))
    page.on("pageerror", lambda error: complaints.append(f"script: {error}"))
    page.on("request", lambda sent: None if sent.url.startswith(pages.url) else complaints.append(sent.url))
    yield page
    page.context.close()
