"""Files with a known truth through the whole product: dropped, synced and exported, they are as good as ever measured.

The files are not part of the project; where they are not beside it, nothing here runs.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from benchmarks.identity import labelled
from dedupe.evaluate import Figures, evaluate
from tests.flows.terminal import ROOT, Hub

DATA = ROOT.parent / "shared" / "data"
HUB = 'version: 1\ndatabase: "${env:HUB_DATABASE}"\nregion: AU\n'
ID = "record"
LEAST_PRECISION = 0.97
"""Of what is merged without asking anybody."""


@dataclass(frozen=True)
class File:
    """A labelled file with the pair F1 that its likely partition reaches with the model as shipped."""

    name: str
    mapping: Mapping[str, Any]
    least_f1: float


FAKE_1000 = File("fake_1000", labelled.FAKE_1000, 0.91)
FEBRL3 = File("febrl3", labelled.FEBRL3, 0.99)


@pytest.mark.parametrize(
    ("file", "kind"),
    [
        pytest.param(FAKE_1000, "sqlite", id="fake_1000-sqlite"),
        pytest.param(FAKE_1000, "postgres", id="fake_1000-postgres"),
        pytest.param(FEBRL3, "sqlite", id="febrl3-sqlite"),
        pytest.param(FEBRL3, "postgres", id="febrl3-postgres", marks=pytest.mark.slow),
    ],
)
def test_a_file_with_a_known_truth_becomes_the_right_people(
    file: File, kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    path = DATA / f"{file.name}.parquet"
    pytest.importorskip("pyarrow", reason="the labelled files are Parquet")
    if not path.exists():
        pytest.skip(f"the labelled files are not part of the project: there is no {path}")
    found, truth = labelled.read(path)
    persons = {str(place): str(person) for place, person in enumerate(truth.tolist())}
    database = f"sqlite:///{tmp_path / 'hub.db'}" if kind == "sqlite" else request.getfixturevalue("postgres_url")
    hub = dropped(tmp_path, database, file, found.rows)

    run = hub.here("sync", "--json").document["runs"][0]
    assert (run["status"], run["applied"], run["quarantined"]) == ("ok", len(truth), 0)

    likely, automatic = (exported(hub, band, persons) for band in ("likely", "automatic"))
    print(f"{file.name}: likely {likely.pairs}, automatic {automatic.pairs}")
    assert likely.pairs.f1 >= file.least_f1
    assert automatic.pairs.precision >= LEAST_PRECISION
    assert automatic.pairs.claimed > 0
    for band, figures in (("likely", likely), ("automatic", automatic)):
        assert evaluated(hub, band, persons, tmp_path / "truth.csv") == (0, figures.as_json()["pairs"])


def dropped(root: Path, database: str, file: File, rows: Sequence[Mapping[str, Any]]) -> Hub:
    """A hub beside a drop with these rows; the ids are their places."""
    text = io.StringIO(newline="")
    titles = [ID, *(title for title in rows[0] if title != "truth")]
    writer = csv.DictWriter(text, titles, extrasaction="ignore")
    writer.writeheader()
    writer.writerows({**row, ID: place} for place, row in enumerate(rows))
    stream = {"id": ID, "record": "person", "map": file.mapping}
    connection = {
        "kind": "files",
        "config": {"path": "drop/*.csv", "format": "csv"},
        "streams": {"people": stream},
    }
    files = {
        "drop/people.csv": text.getvalue(),
        "config/hub.yaml": HUB,
        "config/connections/labelled.yaml": json.dumps(connection),
    }
    for name, content in files.items():
        target = root / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(content, encoding="utf-8", newline="")
    return Hub(root / "config", database)


def exported(hub: Hub, band: str, persons: Mapping[str, str]) -> Figures:
    """An export of assignments against the truth; `persons`: by external id."""
    said = hub.here("export", "assignments", "--band", band, "--format", "jsonl")
    rows = [json.loads(line) for line in said.stdout.splitlines()]
    assert len(rows) == len(persons)
    return evaluate([row["contact_id"] for row in rows], [persons[row["external_id"]] for row in rows])


def evaluated(hub: Hub, band: str, persons: Mapping[str, str], labels: Path) -> tuple[int, dict[str, Any]]:
    """What `hub evaluate` says: how many labelled records it does not know, and the pairs."""
    with labels.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(("connection", "stream", "external_id", "person"))
        writer.writerows(("labelled", "people", place, person) for place, person in persons.items())
    document = hub.here("evaluate", str(labels), "--band", band, "--json").document
    return document["missing"], document["pairs"]
