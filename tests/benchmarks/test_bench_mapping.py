"""The mapping benchmark runs from its command to its document, and both ways say the same."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks.contact_records import PAGE, generated

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.bench_mapping", "--records", "300"]
    ran = subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    assert b"records a second" in ran.stderr
    found: dict[str, Any] = json.loads(ran.stdout)
    return found


def test_ours_and_the_plain_way_give_the_same_answers(document: dict[str, Any]) -> None:
    assert (document["records"], document["expressions"], document["different"]) == (300, 25, 0)


def test_every_part_is_told_for_both_ways(document: dict[str, Any]) -> None:
    parts = dict(document["microseconds"])
    assert parts.pop("features for identity")["ours"] > 0
    assert {"whole", "expressions", "e-mail", "two phones", "address", "building the model"} <= parts.keys()
    assert all(found["ours"] > 0 and found["plain"] > 0 for found in parts.values())
    assert document["records_per_second"]["ours"] > 0


def test_the_records_are_the_same_for_the_same_seed_and_have_28_fields() -> None:
    pages = list(generated(PAGE + 1, 7))
    assert pages == list(generated(PAGE + 1, 7)) != list(generated(PAGE + 1, 8))
    assert [len(page) for page in map(json.loads, pages)] == [PAGE, 1]
    assert {len(record) for record in json.loads(pages[0])} == {28}
