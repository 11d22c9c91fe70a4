"""Pictures of all pages of the demo, light and dark, wide and narrow: `make screenshots` writes build/screenshots."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from hub.admin.contact_tabs import TABS
from tests.browser.conftest import browser_path

OUT = Path("build/screenshots")
LINK = re.compile(r"Open\s+(http\S+)")
SIZES = {"wide": (1280, 900), "narrow": (390, 844)}
PAGES = {
    "home": "/",
    "review": "/review",
    "contacts": "/contacts",
    "search": "/contacts?q=ma",
    "runs": "/runs",
    "run": "/runs/1",
    "quarantine": "/quarantine",
    "outgoing": "/outgoing",
    "review history": "/review/history",
    "patterns": "/review/patterns",
    "settings": "/settings",
    "people": "/settings/people",
    "configuration": "/settings/configuration",
    "audit": "/settings/audit",
    "error": "/nothing",
}


def main() -> None:
    OUT.mkdir(parents=True, exist_ok=True)
    with _demo() as link, sync_playwright() as playwright:
        root = hasattr(os, "geteuid") and os.geteuid() == 0
        path = browser_path()
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"] if root else [])
        _walk(browser, link)
        browser.close()


def _walk(browser: Browser, link: str) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(link)
    page.screenshot(path=OUT / "sign-in.png")
    page.get_by_role("button").click()
    base = page.url.rstrip("/")
    somebody = _somebody(page, base)
    places = PAGES | {f"contact {tab}": f"{somebody}?tab={tab}" for tab in TABS} | {"pair": _question(page, base)}
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        for size, (width, height) in SIZES.items():
            page.set_viewport_size({"width": width, "height": height})
            for name, path in places.items():
                page.goto(base + path)
                page.screenshot(path=OUT / f"{name}-{scheme}-{size}.png", full_page=True)
    print(f"{len(list(OUT.glob('*.png')))} pictures in {OUT}")


def _somebody(page: Page, base: str) -> str:
    """The contact that most records make, of those that a search finds."""
    page.goto(f"{base}/contacts?q=ma")
    rows = page.locator("#results tbody tr").all()
    most = max(rows, key=lambda row: int(row.locator("td").last.inner_text()))
    return most.locator("a").get_attribute("href") or "/contacts"


def _question(page: Page, base: str) -> str:
    """The first pair that is to be reviewed."""
    page.goto(f"{base}/review")
    return page.locator("tbody a").first.get_attribute("href") or "/review"


@contextmanager
def _demo() -> Iterator[str]:
    """The link of a running `hub demo`."""
    command = [sys.executable, "-m", "hub.cli.commands", "demo"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as demo:
        try:
            assert demo.stdout is not None
            yield next(found[1] for line in demo.stdout if (found := LINK.search(line)))
        finally:
            demo.send_signal(signal.SIGINT)


if __name__ == "__main__":
    main()
