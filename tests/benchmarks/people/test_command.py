"""The command: it writes the file that was asked for, and tells what is in it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.people import PROFILES, People, generate
from benchmarks.people.__main__ import main
from tests.benchmarks.people.made import same_rows


def test_the_summary_tells_what_was_made(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["people", "--records", "1000", "--profile", "hard", "--seed", "5"])
    assert main() == 0
    told = {line.split()[0]: line for line in capsys.readouterr().out.splitlines() if line.strip()}
    assert told["records"].endswith(" 1,000")
    assert told["people"].endswith(" 438")
    assert "first " in told["missing"]
    assert {"unguarded", "guarded", "ceiling"} <= told.keys()


@pytest.mark.parametrize("hash_seed", ["0", "1"])
def test_another_process_writes_the_same_rows(tmp_path: Path, hash_seed: str) -> None:
    pytest.importorskip("pyarrow")
    path = tmp_path / "people.parquet"
    command = [sys.executable, "-m", "benchmarks.people", "--records", "400", "--seed", "5", "--out", str(path)]
    subprocess.run(command, env={**os.environ, "PYTHONHASHSEED": hash_seed}, check=True, capture_output=True)
    assert same_rows(People.read_parquet(path), generate(400, PROFILES["base"], 5))
