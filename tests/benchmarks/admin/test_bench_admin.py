"""The benchmark of the pages runs from its command to its document, on a small hub that it keeps for the next time."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from random import Random
from typing import Any

import pytest

from benchmarks.admin import estate, hubs
from benchmarks.admin.lookers import told
from benchmarks.admin.pages import slip
from benchmarks.identity.databases import NoDatabase

ROOT = Path(__file__).parents[3]
SIZE = estate.Size(contacts=150, events=200)
KINDS = {"home", "review: next", "review: begin", "contact", "contact: 10,000 events, timeline", "search: phone"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("hubs")


@pytest.fixture(scope="module")
def document(folder: Path) -> dict[str, Any]:
    size = ["--contacts", str(SIZE.contacts), "--events", str(SIZE.events), "--databases", "sqlite"]
    little = ["--each", "2", "--seconds", "1", "--pause", "0.05", "--keep", str(folder)]
    command = [sys.executable, "-m", "benchmarks.bench_admin", *size, *little]
    found: dict[str, Any] = json.loads(subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout)
    return found


def test_every_kind_of_page_is_told_alone_and_with_others(document: dict[str, Any]) -> None:
    found = document["databases"]["sqlite"]
    assert found["contacts"] >= SIZE.contacts
    assert found["alone"].keys() >= KINDS
    assert all(one["opened"] == 2 and one["p95_ms"] > 0 for one in found["alone"].values())
    assert found["quiet"]
    assert found["two_syncs"]


def test_a_kept_hub_is_taken_as_it_is_and_only_for_its_size(document: dict[str, Any], folder: Path) -> None:
    assert document["databases"]["sqlite"]["filled_s"] == hubs.seconds_to_fill(folder / "sqlite")
    with hubs.hub("sqlite", SIZE, folder) as root:
        assert root == folder / "sqlite"
    with pytest.raises(NoDatabase, match="keep another"), hubs.hub("sqlite", estate.Size(1_000, 200), folder):
        pass


def test_a_server_that_goes_with_the_benchmark_keeps_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BENCH_POSTGRES", raising=False)
    with pytest.raises(NoDatabase, match="BENCH_POSTGRES"), hubs.hub("postgres", SIZE, tmp_path):
        pass


def test_a_slip_is_two_letters_swapped() -> None:
    assert sorted(slip(Random(1), "Katherine")) == sorted("Katherine")
    assert slip(Random(1), "Katherine") != "Katherine"
    assert slip(Random(1), "Al") == "Al"


def test_p95_is_told_of_two_and_more() -> None:
    assert told([5.0]) == {"opened": 1}
    assert told([float(ms) for ms in range(101)]) == {"opened": 101, "p50_ms": 50.0, "p95_ms": 95.0}
