"""Broken configurations, each with its code. `python -m tests.hub.settings.cases` writes the golden files anew."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any
from unittest.mock import patch

from connectors.kit import registry
from dedupe.engine.model_text import text_of
from dedupe.engine.weights import load
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


def _push(push: str, kind: str = "shopify", config: str = 'store: acme, token: "${env:SHOP_TOKEN}"') -> Any:
    return {SHOP: f"kind: {kind}\nconfig: {{{config}}}\npush: {{mode: auto, {push}}}\n"}


def _consent(text: str) -> Any:
    return {"consent.yaml": f"consent:\n{text}"}


def _destinations(text: str) -> Any:
    news = {"connections/news.yaml": "kind: news\n", "connections/calm.yaml": "kind: news\nconfig: {quiet: true}\n"}
    return {**news, "consent.yaml": f"consent: {{grant_sources: {{email: [shop]}}}}\ndestinations:\n{text}"}


def _segment(rule: str) -> Any:
    return {"segments.yaml": f"segments:\n  vip:\n    title: Regulars\n    {rule}\n"}


MODEL = text_of(load(), ["a model"])


def _slips() -> str:
    """A model with a level misspelt, a weight in bits, a cap of nothing and a setting too many."""
    text = MODEL.replace('"nickname": 6300', '"nickame": 6300').replace('"swapped": 6400', '"swapped": 6.4')
    return text.replace("strong_cap: 10", "strong_cap: 0") + "threshold: 5\n"


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
    "channel of no name": ("HUB-C004", _consent("  grant_sources: {emial: [shop]}\n")),
    "segment without a title": (
        "HUB-C007",
        {"segments.yaml": "segments: {vip: {all: [{field: orders, at_least: 5}]}}\n"},
    ),
    "segments are a list": ("HUB-C005", {"segments.yaml": "segments: [vip]\n"}),
    "segment named in capitals": (
        "HUB-C017",
        {"segments.yaml": "segments: {My Best: {title: Best, all: [{field: orders, at_least: 5}]}}\n"},
    ),
    "mass withdrawal is not there yet": ("HUB-C004", _consent("  mass_withdrawal_hold: {percent: 5}\n")),
    "inferred for minutes": ("HUB-C026", _consent("  inferred: {allowed: [email], sources: [shop], expires: 12m}\n")),
    "due in no time": ("HUB-C026", _consent("  due: {AU: 0bd, default: two days}\n  max_age: 0h\n")),
    "due nowhere": ("HUB-C029", _consent("  due: {Australia: 5bd}\n  default_jurisdiction: au\n")),
    "no domain": ("HUB-C005", _consent('  never_contact_domains: [example.com, "@example.org"]\n')),
    "unknown connections in consent": (
        "HUB-C031",
        _consent(
            "  grant_sources: {email: [shpo, shop], sms: [shp.form]}\n"
            "  foreign_writers: [shop, nobody]\n"
            "  lists: {loyalti: {a: {}}}\n"
            "  inferred: {allowed: [email], sources: [hsop], expires: 365d}\n"
        ),
    ),
    "unknown method": ("HUB-C035", _consent("  grant_sources: {email: [shop.duble_opt_in, shop.doi]}\n")),
    "withdraw sources narrowed": ("HUB-C036", _consent("  grant_sources: {}\n  withdraw_sources: [shop]\n")),
    "destinations ask for more": (
        "HUB-C037",
        _destinations(
            "  news: {resubscribe: plain}\n"
            "  calm: {resubscribe: pending, push_grants: auto}\n"
            "  shop: {resubscribe: pending}\n"
            "  loyalty: {push_grants: never}\n"
            "  nwes: {resubscribe: pending}\n"
        ),
    ),
    "push to what is only read": (
        "HUB-C038",
        {LOYALTY: GOOD[LOYALTY] + "push: {mode: plan}\n"},
    ),
    "push of a channel it cannot": ("HUB-C039", _push("consent: [email, voice]")),
    "push of a tag that is none": (
        "HUB-C040",
        _push('segments: {vip: "VIP", best: "tag: VIP", old: "tag:", new: "tag:N", neu: "tag:n"}')
        | {
            "segments.yaml": "segments:\n"
            + "".join(
                f"  {name}: {{title: One, all: [{{field: orders, at_least: 5}}]}}\n"
                for name in ("vip", "best", "old", "new", "neu")
            )
        },
    ),
    "push of tags to what has none": ("HUB-C040", _push('segments: {vip: "tag:VIP"}', "news", "")),
    "push of an unknown segment": ("HUB-C041", _push('segments: {vpi: "tag:VIP"}')),
    "segment of an unknown field": (
        "HUB-C042",
        _segment("all: [{field: ordres, at_least: 5}, {field: age, at_least: 18}]"),
    ),
    "segment with a wrong operator": (
        "HUB-C043",
        _segment("any: [{field: orders, within: 90d}, {none: [{field: tags, is: VIP}]}, {field: orders}]"),
    ),
    "segment with two operators": ("HUB-C043", _segment("all: [{field: orders, at_least: 5, at_most: 9}]")),
    "segment without a condition": ("HUB-C043", _segment("all: []")),
    "segment without a rule": ("HUB-C043", _segment("channel: sms")),
    "segment with wrong values": (
        "HUB-C044",
        _segment(
            "all:\n"
            "      - {field: orders, at_least: 5.5}\n"
            "      - {field: spent, at_least: lots}\n"
            "      - {field: postcode, is: 2000}\n"
            "      - {field: country, in: AU}\n"
            "      - {field: last_order_at, within: 3 months}\n"
            "      - {field: last_order_at, within: 999999w}\n"
            "      - {field: last_order_at, before: 2026-02-30}\n"
            "      - {field: may_send.email, is: email}\n"
            "      - {field: tags, contains: ''}\n"
            "      - {field: name, known: maybe}"
        ),
    ),
    "nobody may grant, beside an error": (
        "HUB-C045",
        {"consent.yaml": "consent: {grant_sources: {}}\n", "hub.yaml": "region: au\n"},
    ),
    "no such model": ("HUB-C046", {"hub.yaml": "identity: {model: standrad}\n"}),
    "model that is not there": ("HUB-C046", {"hub.yaml": "identity: {model: identity.yaml}\n"}),
    "model elsewhere": ("HUB-C046", {"hub.yaml": "identity: {model: ../identity.yaml}\n", "../identity.yaml": MODEL}),
    "model with slips": ("HUB-C047", {"hub.yaml": "identity: {model: identity.yaml}\n", "identity.yaml": _slips()}),
    "model of nothing": ("HUB-C047", {"hub.yaml": "identity: {model: identity.yaml}\n", "identity.yaml": "- 1\n"}),
    "alert secrets written out": (
        "HUB-C012",
        {
            "hub.yaml": (
                f'metrics: {{token: "{TOKEN}"}}\nalerts:\n'
                f'  email: {{host: mail.test, password: "{TOKEN}", sender: hub@example.com, to: [olive@example.com]}}\n'
                f'  slack: {{url: "https://hooks.example.com/{TOKEN}"}}\n  webhok: {{url: "{TOKEN}"}}\n'
            )
        },
    ),
    "alerts to nobody": (
        "HUB-C005",
        {
            "hub.yaml": (
                "log: {format: xml}\nalerts:\n  off: [optouts]\n  rules: {optout: 10m, disk: 5%}\n"
                "  email: {host: mail.test, sender: hub, to: []}\n  per_hour: 0\n"
            )
        },
    ),
    "kept for an hour": ("HUB-C026", {"hub.yaml": "keep: {runs: 1h}\n"}),
    "alert rule without a unit": ("HUB-C026", {"hub.yaml": "alerts: {rules: {optout: 10}}\n"}),
    "other database": ("HUB-C034", {"hub.yaml": "database: postgres://db/hub\n"}),
    "maintenance at no time": (
        "HUB-C048",
        {
            "hub.yaml": (
                'maintenance:\n  - {from: "2:00", to: "04:00"}\n  - {from: "03:00", to: "03:00"}\n'
                '  - {from: "01:00", til: "02:00", timezone: Mars}\n'
            )
        },
    ),
    "other queue": ("HUB-C049", {"hub.yaml": "redis: amqp://queue.example.com\n"}),
    "password of redis written out": ("HUB-C012", {"hub.yaml": f"redis: rediss://:{TOKEN}@queue.example.com/0\n"}),
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
