"""What leaves as files: every format, both bands, whole or not at all."""

from __future__ import annotations

import csv
import io
import json
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from hub.queries.cells import plain
from hub.stages.increment import reviews
from hub.store.engine import open_store
from tests.flows.terminal import Hub
from tests.flows.world import World

COLUMNS = ["connection", "stream", "external_id", "contact_id"]
BANDS = ["automatic", "likely"]


def rows(hub: Hub, *words: str) -> list[dict[str, Any]]:
    """An export as JSON lines."""
    return [json.loads(line) for line in hub.here("export", *words, "--format", "jsonl").stdout.splitlines()]


@pytest.mark.parametrize("band", BANDS)
def test_every_person_of_the_systems_is_assigned_to_a_contact(band: str, synced: Hub, town: World) -> None:
    found = {
        (row["connection"], row["stream"], row["external_id"]): row["contact_id"]
        for row in rows(synced, "assignments", "--band", band)
    }
    assert found.keys() == town.estate.truth.keys()


@pytest.mark.parametrize("band", BANDS)
def test_csv_and_json_lines_say_the_same(band: str, synced: Hub) -> None:
    said = synced.here("export", "assignments", "--band", band)
    read = [{name: plain(value) for name, value in row.items()} for row in csv.DictReader(io.StringIO(said.stdout))]
    assert list(read[0]) == COLUMNS
    assert read == rows(synced, "assignments", "--band", band)
    assert said.stderr == f"{len(read)} rows\n"


def test_the_likely_band_joins_contacts_and_parts_none(synced: Hub) -> None:
    automatic, likely = ([row["contact_id"] for row in rows(synced, "assignments", "--band", band)] for band in BANDS)
    assert len(set(zip(automatic, likely, strict=True))) == len(set(automatic))
    assert (len(set(likely)) < len(set(automatic))) is _has_likely_pairs(synced)


def _has_likely_pairs(hub: Hub) -> bool:
    with closing(open_store(hub.database)) as store, store.read() as db:
        return db.execute(select(reviews.c.kind).where(reviews.c.kind == "possible_match").limit(1)).first() is not None


def test_contacts_are_one_row_each(synced: Hub) -> None:
    found = rows(synced, "contacts")
    total = synced.here("resolve", "--json").document["contacts"]["total"]
    assert len({row["contact_id"] for row in found}) == len(found) == total
    assert len(list(csv.DictReader(io.StringIO(synced.here("export", "contacts").stdout)))) == total


def test_a_file_is_its_owners_alone_and_stdout_stays_empty(synced: Hub, tmp_path: Path) -> None:
    out = tmp_path / "who.csv"
    assert synced.here("export", "assignments", "--out", str(out)).stdout == ""
    assert (out.stat().st_mode & 0o777, [path.name for path in tmp_path.iterdir()]) == (0o600, ["who.csv"])
    assert out.read_text() == synced.here("export", "assignments").stdout


def test_a_folder_that_is_not_there_is_told(synced: Hub, tmp_path: Path) -> None:
    said = synced.here("export", "contacts", "--out", str(tmp_path / "none" / "who.csv"), code=2)
    assert said.stderr.startswith(f"cannot write {tmp_path / 'none' / 'who.csv'}: ")


@pytest.mark.parametrize("what", ["assignments", "contacts"])
def test_parquet_without_its_library_tells_what_to_install(
    what: str, synced: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    said = synced.here("export", what, "--format", "parquet", "--out", str(tmp_path / "who.parquet"), code=2)
    assert "pip install" in said.stderr
    assert list(tmp_path.iterdir()) == []
    assert "--out" in synced.here("export", what, "--format", "parquet", code=2).stderr


@pytest.mark.parametrize("band", BANDS)
def test_parquet_holds_the_same_rows(band: str, synced: Hub, tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    out = tmp_path / "who.parquet"
    synced.here("export", "assignments", "--band", band, "--format", "parquet", "--out", str(out))
    assert parquet.read_table(out).to_pylist() == rows(synced, "assignments", "--band", band)


@pytest.mark.fault("A09")
def test_a_name_that_is_a_formula_is_only_text_in_a_spreadsheet(world: World, tmp_path: Path) -> None:
    hub = Hub(world.config, f"sqlite:///{tmp_path / 'hub.db'}")
    mallory = dict.fromkeys(world.estate.loyalty_rows[0], "") | {"member_no": "=1+1", "given": "Mallory"}
    world.drop_loyalty([mallory])
    hub.here("sync", "loyalty")
    assert [row["external_id"] for row in csv.DictReader(io.StringIO(hub.here("export", "assignments").stdout))] == [
        "'=1+1"
    ]
