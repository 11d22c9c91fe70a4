"""Broken configurations, each with its code. `python -m tests.hub.settings.cases` writes the golden files anew."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any
from unittest.mock import patch

from connectors.kit import registry
from hub.settings.load import read
from hub.settings.problems import render
from tests.hub.settings.fakes import GOOD, TOKEN, get, kinds, write

GOLDEN = Path(__file__).with_name("golden")
SHOP = "connections/shop.yaml"
LOYALTY = "connections/loyalty.yaml"


def _shop(config: str = 'store: acme, token: "${env:SHOP_TOKEN}"', streams: str = "customers: {every: 15m}") -> Any:
    return {SHOP: f"kind: shopify\nconfig: {{{config}}}\nstreams: {{{streams}}}\n"}


def _map(text: str) -> Any:
    return {LOYALTY: f"kind: files\nconfig: {{path: x.csv}}\nstreams:\n  people:\n    record: person\n    map:\n{text}"}


BOMB = "\n".join(
    [
        "kind: shopify",
        "a: &a [lol, lol, lol, lol, lol, lol, lol, lol, lol]",
        *(f"{b}: &{b} [{', '.join([f'*{a}'] * 9)}]" for a, b in zip("abcdefgh", "bcdefghi", strict=True)),
    ]
)

TWELVE: dict[str, tuple[str, Any]] = {
    "unknown key": ("HUB-C004", _shop(streams="customers: {every: 15m, lookbak: 10m}")),
    "wrong type": ("HUB-C005", _shop('store: acme, token: "${env:SHOP_TOKEN}", page_size: many')),
    "duplicate key": ("HUB-C006", {"hub.yaml": "region: AU\ntimezone: Australia/Sydney\nregion: NZ\n"}),
    "literal secret": ("HUB-C012", _shop(f'store: acme, token: "{TOKEN}"')),
    "environment variable not set": ("HUB-C013", _shop('store: acme, token: "${env:SHOP_TOKN}"')),
    "mapping to an unknown field": ("HUB-C021", _map("      emials: [email]\n")),
    "bad expression": ("HUB-C022", _map('      name: {first: "given.[", last: surname}\n')),
    "unknown connector": ("HUB-C019", {SHOP: "kind: shopfy\n"}),
    "bad cron": ("HUB-C024", _shop(streams='orders: {cron: "0 25 * * *"}')),
    "two names equal": (
        "HUB-C018",
        {"connections/news.yaml": GOOD[SHOP], "connections/news.yml": GOOD[SHOP]},
    ),
    "alias bomb": ("HUB-C008", {"connections/bomb.yaml": BOMB}),
    "python tag": (
        "HUB-C009",
        {"connections/tagged.yaml": "kind: shopify\nconfig: !!python/object/apply:os.system [id]\n"},
    ),
}
"""The ones that can all be wrong in one folder, too: no two write the same file."""

MORE: dict[str, tuple[str, Any]] = {
    "no hub file": ("HUB-C001", {"hub.yaml": None}),
    "no yaml": ("HUB-C002", {SHOP: "kind: shopify\nconfig: {store: acme, token: shpat_unclosed\nstreams: {}\n"}),
    "tab": ("HUB-C002", {SHOP: "kind: shopify\nconfig:\n\tstore: acme\n"}),
    "control character": ("HUB-C002", {SHOP: "kind: shopify\nconfig: {store: a\x01cme}\n"}),
    "not utf8": ("HUB-C002", {SHOP: b"kind: shopify\n# caf\xe9\n"}),
    "half a character": ("HUB-C002", {"hub.yaml": 'timezone: "\\uD800"\n"\\0": 1\n'}),
    "two documents": ("HUB-C002", {"hub.yaml": "region: AU\n---\nregion: NZ\n"}),
    "too deep": ("HUB-C002", {"hub.yaml": "region: " + "[" * 5000}),
    "too large": ("HUB-C003", {"hub.yaml": "# " + "x" * 1_000_001}),
    "missing key": ("HUB-C007", _shop('token: "${env:SHOP_TOKEN}"')),
    "merge key": ("HUB-C008", {"hub.yaml": "<<: {region: AU}\n"}),
    "tag that may be a password": ("HUB-C009", {SHOP: "kind: shopify\nconfig:\n  store: acme\n  token: !Summer2026\n"}),
    "root is a list": ("HUB-C010", {SHOP: "- kind: shopify\n"}),
    "octal": ("HUB-C011", _shop('store: 0123, token: "${env:SHOP_TOKEN}"')),
    "database password": ("HUB-C012", {"hub.yaml": "database: postgresql://hub:canary-pw@db/hub\n"}),
    "part of a secret": ("HUB-C012", _shop('store: acme, token: "Bearer ${env:SHOP_TOKEN}"')),
    "empty variable": ("HUB-C013", _shop('store: acme, token: "${env:EMPTY}"')),
    "secret file missing": ("HUB-C014", _shop('store: acme, token: "${file:secrets/none}"')),
    "secret file empty": (
        "HUB-C014",
        {**_shop('store: acme, token: "${file:secrets/empty}"'), "../secrets/empty": "\n"},
    ),
    "secret file elsewhere": ("HUB-C014", _shop('store: acme, token: "${file:../../../../../etc/passwd}"')),
    "secret file open to all, beside an error": (
        "HUB-C016",
        {**_shop('store: 7, token: "${file:secrets/open}"'), "../secrets/open": TOKEN},
    ),
    "reference unknown": ("HUB-C015", _shop('store: "${evn:STORE}", token: "${env:SHOP_TOKEN}"')),
    "name is no slug": ("HUB-C017", {"connections/My Shop.yaml": GOOD[SHOP]}),
    "name is reserved": ("HUB-C017", {"connections/all.yaml": GOOD[SHOP]}),
    "unknown stream": ("HUB-C020", _shop(streams="custmers: {every: 15m}")),
    "unknown function": ("HUB-C022", _map('      emails: ["lowr(email, now)"]\n')),
    "consent as a custom field": (
        "HUB-C023",
        _map("      emails: [email]\n      custom: {newsletter: accepts_marketing}\n"),
    ),
    "consent in survivorship": ("HUB-C023", {"survivorship.yaml": "fields: {consents: most_recent}\n"}),
    "cron with six fields": ("HUB-C024", _shop(streams='orders: {cron: "0 0 2 * * *"}')),
    "every and cron": ("HUB-C025", _shop(streams='orders: {every: 1h, cron: "0 2 * * *"}')),
    "bad duration": ("HUB-C026", _shop(streams="orders: {every: 15 minutes}")),
    "bad timezone": ("HUB-C027", {"hub.yaml": "timezone: Australia/Sidney\n"}),
    "bad percent": ("HUB-C028", {"hub.yaml": "hold: {share: 0.1}\n"}),
    "bad region": ("HUB-C029", {"hub.yaml": "region: au\n"}),
    "unknown rule": ("HUB-C030", {"survivorship.yaml": "fields: {name: most_recnt}\n"}),
    "union of one value": ("HUB-C030", {"survivorship.yaml": "fields: {gender: union}\n"}),
    "trusting nobody we know": ("HUB-C031", {"survivorship.yaml": "default: [trusted_source: [shpo]]\n"}),
    "stream without map": ("HUB-C032", {LOYALTY: "kind: files\nconfig: {path: x.csv}\nstreams: {people: {}}\n"}),
    "no date format": ("HUB-C033", _map("      date_of_birth: {value: dob, format: yesterday}\n")),
    "bad character in an expression": ("HUB-C022", _map('      emails: ["mail..work"]\n')),
    "record of no kind": ("HUB-C005", {LOYALTY: GOOD[LOYALTY].replace("record: person", "record: persn")}),
    "map is text": ("HUB-C005", {LOYALTY: GOOD[LOYALTY].split("    map:")[0] + "    map: email\n"}),
    "emails are a mapping": ("HUB-C005", _map("      emails: {work: email}\n")),
    "config is text": ("HUB-C005", {SHOP: "kind: shopify\nconfig: shpat_canary_0\n"}),
    "other database": ("HUB-C034", {"hub.yaml": "database: postgres://db/hub\n"}),
}

ALL = TWELVE | MORE


def report(folder: Path) -> str:
    return render(read(folder).problems) + "\n"


def golden(name: str) -> Path:
    return GOLDEN / f"{ALL[name][0].lower()} {name}.txt".replace(" ", "-")


def _write_golden_files() -> None:
    GOLDEN.mkdir(exist_ok=True)
    environment = {"SHOP_TOKEN": TOKEN, "EMPTY": ""}
    with (
        patch.object(registry, "get", get),
        patch.object(registry, "kinds", kinds),
        patch.dict(os.environ, environment),
    ):
        for name, (_, files) in ALL.items():
            with tempfile.TemporaryDirectory() as root:
                folder = write(Path(root), GOOD | files)
                golden(name).write_text(report(folder))


if __name__ == "__main__":
    _write_golden_files()
