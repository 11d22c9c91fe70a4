"""Every broken configuration gives exactly the report in its golden file, and every code has one and a page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from hub.settings.load import SettingsError, load, read
from tests.hub.settings import cases
from tests.hub.settings.fakes import GOOD, TOKEN, write

ROOT = Path(__file__).parents[3]
CANARIES = (TOKEN, "canary", "Summer2026", "shpat_")


@pytest.fixture(autouse=True)
def _an_empty_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMPTY", "")


def test_the_good_configuration_is_good(config: Path) -> None:
    assert load(config).warnings == ()


@pytest.mark.fault("C01")
@pytest.mark.fault("A13")
@pytest.mark.parametrize("name", cases.ALL)
def test_a_broken_configuration_is_told_as_in_its_golden_file(name: str, tmp_path: Path) -> None:
    folder = write(tmp_path, GOOD | cases.ALL[name][1])
    with pytest.raises(SettingsError) as caught:
        load(folder)
    assert cases.ALL[name][0] in {problem.code for problem in caught.value.problems}
    assert cases.report(folder) == cases.golden(name).read_text()


def _all_twelve() -> dict[str, object]:
    """Each broken file under a name of its own, so that they lie in one folder."""
    files: dict[str, object] = {}
    for number, (_, broken) in enumerate(cases.TWELVE.values()):
        own = {cases.SHOP: f"connections/shop{number}.yaml", cases.LOYALTY: f"connections/loyalty{number}.yaml"}
        files |= {own.get(path, path): text for path, text in broken.items()}
    return files


@pytest.mark.fault("C01")
def test_twelve_broken_files_in_one_folder_are_all_told_at_once(tmp_path: Path) -> None:
    found = read(write(tmp_path, _all_twelve())).problems
    assert {code for code, _ in cases.TWELVE.values()} <= {problem.code for problem in found}
    assert all(problem.line >= 1 and problem.column >= 1 for problem in found)


@pytest.mark.fault("C01")
def test_a_file_that_is_no_yaml_does_not_hide_what_is_wrong_elsewhere(tmp_path: Path) -> None:
    spoiled = {"hub.yaml": "region: [\n", cases.SHOP: "kind: shopfy\n", cases.LOYALTY: "kind: [\n"}
    found = read(write(tmp_path, GOOD | spoiled)).problems
    assert sorted(problem.code for problem in found) == ["HUB-C002", "HUB-C002", "HUB-C019"]


@pytest.mark.fault("C01")
def test_several_errors_of_one_file_are_told_together(tmp_path: Path) -> None:
    text = (
        "kind: shopify\n"
        f'config: {{stoer: acme, token: "{TOKEN}", page_size: many}}\n'
        'streams: {customers: {evry: 15m, map: {emials: [x]}}, orders: {cron: "* * *"}}\n'
        "pusch: {}\n"
    )
    found = read(write(tmp_path, GOOD | {cases.SHOP: text})).problems
    assert sorted(p.code for p in found) == [
        *["HUB-C004"] * 3,
        "HUB-C005",
        "HUB-C007",
        "HUB-C012",
        "HUB-C021",
        "HUB-C024",
    ]


@pytest.mark.fault("A11")
@pytest.mark.parametrize("name", cases.ALL)
def test_no_report_shows_a_secret(name: str) -> None:
    text = cases.golden(name).read_text()
    assert [canary for canary in CANARIES if canary in text] == []


@pytest.mark.fault("A11")
@pytest.mark.parametrize(
    "spoiled",
    [
        'kind: shopify\nconfig: {store: acme, tokn: "TOKEN"}\n',
        'kind: shopify\nconfig: {store: acme, token: "TOKEN", page_size: many}\n',
        'kind: shopify\nconfig: {store: acme, token: {value: "TOKEN"}, x: 1}\n',
        'kind: shopify\nconfig: {store: acme, token: ["TOKEN"], x: 1}\n',
        'kind: shopify\nconfig: {store: acme, token: "TOKEN", token: "TOKEN"}\n',
        'kind: shopfy\nconfig: {store: acme, token: "TOKEN"}\n',
        'kind: shopify\ntoken: "TOKEN"\n',
        'kind: shopify\nconfig: "TOKEN"\n',
        "kind: shopify\nconfig: TOKEN: x\n",
        'kind: shopify\nconfig: {store: acme, token: "TOKEN\n',
        "kind: shopify\nconfig: {store: acme, token: *TOKEN}\n",
        "kind: shopify\nconfig: {store: acme, token: &TOKEN x}\n",
        "kind: shopify\nconfig:\n  token: !TOKEN\n",
        'kind: shopify\nconfig: {store: [acme], base_url: "https://me:TOKEN@shop.test/?k=TOKEN", x: 1}\n',
        'kind: shopify\nconfig: {stor: 1, token: "${env:SHOP_TOKEN}"} # was TOKEN\n',
        'kind: shopify\nconfig: {store: acme, token: "${env:TOKEN"}\n',
        "kind: shopify\nconfig:\n  token: |\n    TOKEN\n  x: 1\n",
    ],
)
def test_a_secret_stays_unseen_wherever_it_was_put(spoiled: str, tmp_path: Path) -> None:
    folder = write(
        tmp_path, GOOD | {cases.SHOP: spoiled.replace("TOKEN", TOKEN).replace(f"SHOP_{TOKEN}", "SHOP_TOKEN")}
    )
    found = cases.report(folder)
    assert found.startswith("config/connections/shop.yaml:")
    assert TOKEN not in found


def _codes_in_the_code() -> set[str]:
    folder = ROOT / "hub" / "settings"
    return {code for path in folder.glob("*.py") for code in re.findall(r"HUB-C\d{3}", path.read_text())}


def test_every_code_has_a_case_and_a_section_in_the_docs() -> None:
    proven = {code for code, _ in cases.ALL.values()}
    documented = set(re.findall(r"^## (HUB-C\d{3})$", (ROOT / "docs" / "errors.md").read_text(), re.MULTILINE))
    assert _codes_in_the_code() == proven == documented


def test_no_golden_file_is_left_over() -> None:
    assert {path.name for path in cases.GOLDEN.iterdir()} == {cases.golden(name).name for name in cases.ALL}
