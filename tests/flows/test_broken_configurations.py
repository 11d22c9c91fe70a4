"""Twelve broken configurations at the command line: exit 78, all errors at once with place and fix, no secret shown."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.flows.terminal import Hub, Said

SECRET = "shpat_canary_0123456789abcdef01234567"
GOOD = {
    "hub.yaml": "version: 1\nregion: AU\ntimezone: Australia/Sydney\n",
    "connections/shop.yaml": (
        'kind: shopify\nconfig: {store: acme, token: "${env:SHOP_TOKEN}"}\nstreams: {customers: {every: 15m}}\n'
    ),
}
LOYALTY = (
    'kind: files\nconfig: {path: "drop/*.csv", format: csv}\n'
    "streams: {people: {id: member_no, record: person, map: {%s}}}\n"
)
BOMB = "tags: &a [x, x, x], emails: &b [*a, *a, *a], phones: &c [*b, *b, *b], custom: {d: [*c, *c, *c]}"
TAG = "emails: !!python/object/apply:os.system [id]"

BROKEN: dict[str, tuple[str, dict[str, str]]] = {
    "unknown key": ("HUB-C004", {"connections/a.yaml": GOOD["connections/shop.yaml"].replace("every", "evry")}),
    "wrong type": ("HUB-C005", {"connections/b.yaml": "kind: shopify\nconfig: acme\n"}),
    "duplicate key": ("HUB-C006", {"hub.yaml": "version: 1\nregion: AU\nregion: NZ\n"}),
    "literal secret": (
        "HUB-C012",
        {"connections/c.yaml": GOOD["connections/shop.yaml"].replace("${env:SHOP_TOKEN}", SECRET)},
    ),
    "empty variable": (
        "HUB-C013",
        {"connections/d.yaml": GOOD["connections/shop.yaml"].replace("SHOP_TOKEN", "EMPTY_TOKEN")},
    ),
    "mapping to an unknown field": ("HUB-C021", {"connections/e.yaml": LOYALTY % "emials: [email]"}),
    "bad expression": ("HUB-C022", {"connections/f.yaml": LOYALTY % 'name: "given.["'}),
    "unknown connector": ("HUB-C019", {"connections/g.yaml": "kind: shopfy\n"}),
    "bad cron": (
        "HUB-C024",
        {"connections/h.yaml": GOOD["connections/shop.yaml"].replace("every: 15m", 'cron: "0 25 * * *"')},
    ),
    "two names equal": (
        "HUB-C018",
        {"connections/news.yaml": GOOD["connections/shop.yaml"], "connections/news.yml": GOOD["connections/shop.yaml"]},
    ),
    "alias bomb": ("HUB-C008", {"connections/i.yaml": LOYALTY % BOMB}),
    "python tag": ("HUB-C009", {"connections/j.yaml": LOYALTY % TAG}),
}


def configured(root: Path, files: dict[str, str]) -> Hub:
    for name, text in files.items():
        path = root / "config" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    database = root / "hub.db"
    return Hub(root / "config", f"sqlite:///{database}", {"SHOP_TOKEN": SECRET, "EMPTY_TOKEN": ""})


def problems(said: Said) -> set[str]:
    """The codes of the report, each with its file, line, column and what to do about it."""
    assert SECRET not in said.stdout + said.stderr
    assert said.stderr.endswith("Nothing was started.\n")
    report, _, total = said.stderr.strip().rpartition("\n")
    found = re.findall(r"^\S+\.ya?ml:\d+:\d+  (HUB-C\d{3})  (.*?)(?=^\S|\Z)", report, flags=re.MULTILINE | re.DOTALL)
    assert total.startswith(f"{len(found)} error")
    for code, text in found:
        assert f"more: docs/errors.md#{code.lower()}" in text
        assert "fix: " in text or "did you mean" in text, text
    return {code for code, _ in found}


@pytest.mark.fault("C01")
@pytest.mark.fault("A11")
@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_configuration_starts_nothing(name: str, tmp_path: Path) -> None:
    code, files = BROKEN[name]
    hub = configured(tmp_path, GOOD | files)
    for words in (["check"], ["sync"], ["sync", "--json"]):
        assert code in problems(hub.here(*words, code=78))
    assert not (tmp_path / "hub.db").exists()


@pytest.mark.fault("C01")
@pytest.mark.fault("A11")
def test_twelve_in_one_folder_are_told_at_once(tmp_path: Path) -> None:
    together = {path: text for _, files in BROKEN.values() for path, text in files.items()}
    hub = configured(tmp_path, GOOD | together)
    told = hub.run("sync", code=78)
    assert problems(told) >= {code for code, _ in BROKEN.values()}
    assert hub.here("check", code=78).stderr == told.stderr


def test_the_configuration_they_were_made_from_is_whole(tmp_path: Path) -> None:
    hub = configured(tmp_path, GOOD)
    shown = hub.here("config", "show", "--json")
    assert SECRET not in shown.stdout + shown.stderr
    assert shown.document["settings"]["connections.shop.config.store"]["value"] == "acme"
