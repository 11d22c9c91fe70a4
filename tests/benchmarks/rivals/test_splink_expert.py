"""Splink's program runs from a file to its figures. Skips where the engine is not installed.

`RIVALS_PYTHON` names an interpreter that has it, so that the engine need not live beside the project.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks.rivals import splink_recipe
from benchmarks.rivals.process import run_measured

PYTHON = os.environ.get("RIVALS_PYTHON", sys.executable)
ROOT = Path(__file__).parents[3]
PEOPLE = 80
FIRST = ("Alice", "Bob", "Charlie", "Dana", "Émile", "Farah", "Goran", "Hana", "Ivo", "Jun")
LAST = ("Archer", "Bloom", "Castillo", "Dietrich", "Eriksen", "Fontaine", "Grünwald", "Hayashi")


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two records each of eighty people, who all left the phone of the same front desk."""
    arrow, parquet = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    if subprocess.run([PYTHON, "-c", "import duckdb, scipy, splink"], capture_output=True, check=False).returncode:
        pytest.skip("the interpreter has no Splink")
    rows = [record(person, twice) for twice in (False, True) for person in range(PEOPLE)]
    path = tmp_path_factory.mktemp("people") / "people.parquet"
    parquet.write_table(arrow.Table.from_pylist(rows), path)
    return path


def record(person: int, twice: bool) -> dict[str, Any]:
    first, last = FIRST[person % len(FIRST)], LAST[person // len(FIRST)]
    named = (
        {"first": "", "last": "", "full": f"Ms {first} {last}"} if twice else {"first": first, "last": last, "full": ""}
    )
    return {
        **named,
        "email": "" if person % 3 == 0 and twice else f"{first}.{last}{person}@example.com".upper(),
        "phone": "+61491570156" if person % 2 else "0491 570 156",
        "street": f"{person + 1} Canal {'Street' if twice else 'St'}",
        "city": ("Perth", "Hobart", "Cairns")[person % 3],
        "postcode": str(4000 + person % 40),
        "birth": "" if person % 3 == 1 and twice else f"19{50 + person % 45}-0{1 + person % 9}-1{person % 10}",
        "company": "",
        "member": "",
        "truth": person,
    }


def run(file: Path, out: Path, *options: str) -> dict[str, Any]:
    program = [PYTHON, "-m", "benchmarks.rivals.splink_expert", str(file), str(out), *options]
    measured = run_measured(["env", "-C", str(ROOT), *program])
    assert measured.returncode == 0
    document: dict[str, Any] = json.loads(out.read_text())
    assert document["cpu_seconds"] <= measured.cpu_seconds
    return document


def clusters(out: Path) -> list[int]:
    parquet = pytest.importorskip("pyarrow.parquet")
    found: list[int] = parquet.read_table(out.with_suffix(".clusters.parquet"))["cluster"].to_pylist()
    return found


def test_a_model_is_trained_and_kept_and_gives_the_same_people_again(file: Path, tmp_path: Path) -> None:
    first, again, model = tmp_path / "first.json", tmp_path / "again.json", tmp_path / "model.json"

    trained = run(file, first, "--save-model", str(model))
    reused = run(file, again, "--model", str(model))

    assert list(trained["stages"]) == ["start", "clean", "train", "predict", "cluster"]
    assert list(reused["stages"]) == ["start", "clean", "load", "predict", "cluster"]
    assert trained["best"]["f1"] > 0.95
    assert reused["best"] == trained["best"]
    assert clusters(again) == clusters(first)
    assert len(clusters(first)) == trained["records"] == 2 * PEOPLE


def test_a_phone_that_everybody_left_joins_nobody_and_is_no_column(file: Path, tmp_path: Path) -> None:
    found = run(file, tmp_path / "out.json")

    assert "phone" not in found["columns"]
    assert found["best"]["largest"] <= 3


def test_our_components_are_those_that_splink_makes(file: Path, tmp_path: Path) -> None:
    found = run(file, tmp_path / "out.json")

    at = found["clustered"]["threshold"]
    assert found["clustered"] == next(one for one in found["grid"] if one["threshold"] == at)


def test_a_rule_is_used_where_the_file_fills_all_its_columns() -> None:
    rules = [("email_local",), ("rare_birth",), ("substr(first, 1, 3)", "postcode"), ("birth", "last")]

    assert splink_recipe.usable(rules, ["first", "last", "email", "birth"]) == [
        ("email_local",),
        ("rare_birth",),
        ("birth", "last"),
    ]
