"""Programs of the benchmark, each run to its end in a process of its own."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from benchmarks.rivals.process import run_measured

ROOT = Path(__file__).parents[2]

Figures = dict[str, Any]


def call(python: str, module: str, *arguments: str) -> None:
    """Runs a program from the project's folder. Exits when it fails: half a comparison is none."""
    measured = run_measured(["env", "-C", str(ROOT), python, "-m", module, *arguments])
    if measured.returncode:
        sys.exit(f"{module} {' '.join(arguments)} ended with {measured.returncode}")


def read(out: Path) -> Figures:
    """What a program has written, which is gone then."""
    found: Figures = json.loads(out.read_text())
    out.unlink()
    return found
