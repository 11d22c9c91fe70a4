"""Reconciliation at the command line: a file that lost rows, what the hub says of it, and a person's answer."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.flows.terminal import Hub

FILES = {
    "config/hub.yaml": 'version: 1\ndatabase: "${env:HUB_DATABASE}"\nregion: AU\n',
    "config/connections/club.yaml": """\
kind: files
config: {path: "drop/*.csv", format: csv}
streams:
  people:
    id: number
    record: person
    reconcile: {cron: "0 3 * * 0"}
    map: {name: name, emails: [email]}
""",
}
WHOLE = ("sync", "club", "--reconcile", "--json")


def list_members(root: Path, *numbers: int) -> None:
    rows = [f"{number},Member {number},m{number}@example.com" for number in numbers]
    (root / "drop").mkdir(exist_ok=True)
    (root / "drop" / "members.csv").write_text("\n".join(["number,name,email", *rows]) + "\n")


@pytest.fixture
def club(tmp_path: Path, database_url: str) -> Hub:
    """A hub after its first sync of 40 members."""
    for name, content in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    list_members(tmp_path, *range(40))
    hub = Hub(tmp_path / "config", database_url)
    assert hub.here("sync", "--json").document["contacts"]["total"] == 40
    return hub


def contacts(hub: Hub) -> int:
    total: int = hub.here("sync", "--json").document["contacts"]["total"]
    return total


@pytest.mark.fault("H26")
def test_who_left_the_file_is_gone_after_a_whole_read(club: Hub, tmp_path: Path) -> None:
    list_members(tmp_path, *range(39))
    assert contacts(club) == 40
    (run,) = club.here(*WHOLE).document["runs"]
    assert (run["status"], run["gone"], run["drift_found"]) == ("ok", 1, {"changed": 0, "missed": 0, "gone": 1})
    assert contacts(club) == 39
    (shown,) = club.here("runs", str(run["run"]), "--json").document["runs"]
    assert (shown["kind"], shown["drift_found"]["gone"]) == ("reconcile", 1)


@pytest.mark.fault("H26")
def test_half_a_file_asks_a_person_who_says_yes(club: Hub, tmp_path: Path) -> None:
    list_members(tmp_path, *range(20))
    (run,) = club.here(*WHOLE, code=1).document["runs"]
    number = str(run["run"])
    assert (run["status"], run["gone"], contacts(club)) == ("held", 0, 40)
    shown = club.here("runs", number)
    assert "  gone: 20\n" in shown.stdout
    assert f"hub runs {number} --approve" in shown.stderr
    asked = club.here("runs", number, "--json").document["waiting"]
    assert (asked["gone"], asked["records"], asked["first"][0]) == (20, 40, "20")
    refused = club.here("runs", number, "--approve", "0123456789ab", code=1)
    assert asked["plan"] in refused.stderr
    said = club.here("runs", number, "--approve", asked["plan"])
    assert "said yes: 20 records are gone" in said.stderr
    assert club.here("audit", "list", "--json").document["entries"][0]["action"] == "gone.approve"
    assert contacts(club) == 20


def test_and_one_who_says_no(club: Hub, tmp_path: Path) -> None:
    list_members(tmp_path, *range(20))
    (run,) = club.here(*WHOLE, code=1).document["runs"]
    number = str(run["run"])
    assert "nothing was deleted" in club.here("runs", number, "--deny").stderr
    assert club.here("audit", "list", "--json").document["entries"][0]["action"] == "gone.deny"
    assert "waiting" not in club.here("runs", number, "--json").document
    club.here("runs", number, "--deny", code=2)
    assert contacts(club) == 40


@pytest.mark.parametrize(
    "words",
    [
        ("sync", "--reconcile", "--full"),
        ("sync", "--reconcile", "--dry-run"),
        ("sync", "--reconcile", "--limit", "3"),
        ("runs", "--approve", "0123456789ab"),
        ("runs", "1", "--approve", "0123456789ab", "--deny"),
        ("runs", "1", "--deny"),
    ],
    ids=" ".join,
)
def test_what_makes_no_sense_is_refused(club: Hub, words: tuple[str, ...]) -> None:
    assert club.here(*words, code=2).stderr
