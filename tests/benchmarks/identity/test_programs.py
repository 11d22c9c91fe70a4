"""The programs of the comparison run from a file to their figures."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from benchmarks.identity import labelled
from tests.benchmarks.people.made import some

ROOT = Path(__file__).parents[3]
DATA = ROOT.parent / "shared" / "data"


def run(program: str, data: Path, out: Path, *options: str) -> dict[str, Any]:
    command = [sys.executable, "-m", f"benchmarks.identity.{program}", str(data), str(out), *options]
    subprocess.run(command, cwd=ROOT, check=True)
    found: dict[str, Any] = json.loads(out.read_text())
    return found


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("people") / "people.parquet"
    some(records=2_000).write_parquet(path)
    return path


@pytest.fixture(scope="module")
def ours(file: Path) -> dict[str, Any]:
    return run("ours", file, file.with_name("ours.json"))


@pytest.fixture(scope="module")
def exact(file: Path) -> dict[str, Any]:
    return run("exact", file, file.with_name("exact.json"))


def test_ours_finds_more_than_the_exact_rule_and_what_it_merges_by_itself_is_right(
    ours: dict[str, Any], exact: dict[str, Any]
) -> None:
    assert ours["records"] == exact["records"] == 2_000
    assert ours["automatic"]["precision"] > 0.95
    assert ours["likely"]["f1"] > exact["best"]["f1"] > 0.7
    assert ours["likely"]["largest"] < 20


def test_the_core_is_what_comes_after_mapping_and_ends_with_the_automatic_partition(ours: dict[str, Any]) -> None:
    stages = ours["stages"]

    assert list(stages) == ["start", "read", "map", "features", "prepare", "popular", "automatic", "likely"]
    core = sum(stages[name]["cpu_seconds"] for name in ("features", "prepare", "popular", "automatic"))
    assert ours["core_cpu_seconds"] == pytest.approx(core)
    assert ours["cpu_seconds"] > core


@pytest.mark.parametrize("name", labelled.FILES)
def test_a_labelled_file_goes_through_a_mapping_of_the_product(name: str) -> None:
    if not (path := DATA / f"{name}.parquet").exists():
        pytest.skip("the labelled files are not there")
    rows, truth = labelled.read(path)
    people = labelled.mapped(rows)

    assert len(people) == len(truth)
    assert share(person.name is not None for person in people) > 0.95
    assert share(person.date_of_birth is not None for person in people) > 0.7


def share(of: Iterable[bool]) -> float:
    found = list(of)
    return sum(found) / len(found)
