"""`hub evaluate`: an export with a person for each record is measured, and bad labels are refused by line."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from tests.flows.terminal import Hub
from tests.flows.world import World

COLUMNS = ("connection", "stream", "external_id", "person")
BANDS = ["automatic", "likely"]
CONTRACT = {"band", "records", "missing", "pairs", "bcubed", "largest_cluster", "thresholds", "curve"}


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    return tmp_path / "truth.csv"


def write(file: Path, rows: list[tuple[str, ...]], header: tuple[str, ...] = COLUMNS) -> None:
    with file.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows([header, *rows])


def label_by_contact(hub: Hub, band: str, file: Path) -> None:
    """Export assignments, and add the contact as the person."""
    hub.here("export", "assignments", "--band", band, "--out", str(file))
    with file.open(encoding="utf-8", newline="") as out:
        rows = list(csv.DictReader(out))
    write(file, [(*row.values(), row["contact_id"]) for row in rows], (*rows[0], "person"))


@pytest.fixture
def true(town: World, labels: Path) -> Path:
    """The town's own truth."""
    write(labels, [(*key, f"person {number}") for key, number in town.estate.truth.items()])
    return labels


@pytest.mark.parametrize("band", BANDS)
def test_contacts_agree_wholly_with_their_own_export(band: str, hub: Hub, world: World, labels: Path) -> None:
    odd = [dict(world.estate.loyalty_rows[0], member_no=number) for number in ("=1+1", "'=1+1", "-5", 'a "b", c')]
    world.drop_loyalty([*world.estate.loyalty_rows, *odd])
    hub.here("sync", "loyalty", "desk")
    label_by_contact(hub, band, labels)
    found = hub.here("evaluate", str(labels), "--band", band, "--json").document
    assert (found["band"], found["missing"]) == (band, 0)
    assert found["records"] == len(odd) + len(world.estate.loyalty_rows) + len(world.estate.desk_rows)
    assert [found[kind]["f1"] for kind in ("pairs", "bcubed")] == [1.0, 1.0]
    assert found["largest_cluster"]["people"] == 1
    assert found["largest_cluster"]["records"] >= len(odd)


def test_the_town_is_measured_against_its_truth(synced: Hub, town: World, true: Path) -> None:
    automatic, likely = (synced.here("evaluate", str(true), "--band", band, "--json").document for band in BANDS)
    assert automatic.keys() >= CONTRACT
    assert automatic["curve"][0].keys() == {"weight", "precision", "recall", "f1"}
    assert automatic["records"] == len(town.estate.truth)
    assert automatic["people"] == len(set(town.estate.truth.values()))
    assert automatic["curve"] == likely["curve"]
    assert automatic["best"] in automatic["curve"]
    assert automatic["thresholds"]["likely"] <= automatic["thresholds"]["automatic"]
    assert automatic["pairs"]["precision"] > 0.95
    assert likely["pairs"]["recall"] >= automatic["pairs"]["recall"] > 0.5


def test_the_figures_are_a_table_for_people(synced: Hub, town: World, true: Path) -> None:
    said = synced.here("evaluate", str(true))
    document = synced.here("evaluate", str(true), "--json").document
    shown = said.stdout.splitlines()
    assert shown[0].split() == ["precision", "recall", "F1"]
    assert shown[1].split()[-3:] == [f"{document['pairs'][name]:.1%}" for name in ("precision", "recall", "f1")]
    assert f"{len(town.estate.truth)} of {len(town.estate.truth)} labelled records found" in shown[-1]
    assert [line for line in shown if "where F1 is best" in line]
    assert said.stderr == ""


def test_records_that_are_not_here_are_told_by_line_and_do_not_count(synced: Hub, town: World, labels: Path) -> None:
    known = next(iter(town.estate.truth))
    write(labels, [(*known, "Alice"), ("shop", "customers", "nobody", "Bob")])
    said = synced.here("evaluate", str(labels), "--json")
    assert (said.document["records"], said.document["missing"]) == (1, 1)
    assert "line 3: shop:customers:nobody" in said.stderr


@pytest.mark.parametrize(
    ("rows", "header", "told"),
    [
        ([], COLUMNS, "has no labelled record below its header"),
        ([("shop", "customers", "1", "Alice")], ("connection", "stream", "id", "person"), "has no column external_id"),
        ([("shop", "customers", "1", "Alice")] * 2, COLUMNS, "line 3: shop:customers:1 was labelled on line 2 already"),
        ([("shop", "customers", "nobody", "Bob")], COLUMNS, "none of the 1 records that"),
    ],
)
def test_labels_that_measure_nothing_are_bad_data(
    rows: list[tuple[str, ...]], header: tuple[str, ...], told: str, synced: Hub, labels: Path
) -> None:
    write(labels, rows, header)
    said = synced.here("evaluate", str(labels), "--json", code=65)
    assert told in said.stderr
    assert said.stdout == ""


def test_a_file_that_is_not_there_is_told(synced: Hub, labels: Path) -> None:
    assert synced.here("evaluate", str(labels), code=2).stderr == f"cannot read {labels}: No such file or directory\n"


def test_the_picture_is_written_whole_or_told(synced: Hub, true: Path, tmp_path: Path) -> None:
    out = tmp_path / "figures.svg"
    before = _figures(synced, true, "--picture", str(out))
    assert ElementTree.parse(out).getroot().tag == "{http://www.w3.org/2000/svg}svg"
    assert "truth.csv, band likely" in out.read_text()
    assert before == _figures(synced, true)
    nowhere = tmp_path / "none" / "figures.svg"
    said = synced.here("evaluate", str(true), "--picture", str(nowhere), code=2)
    assert said.stderr.startswith(f"cannot write {nowhere}: ")


def _figures(hub: Hub, file: Path, *words: str) -> dict[str, Any]:
    found: dict[str, Any] = hub.here("evaluate", str(file), "--band", "likely", "--json", *words).document
    return found
