"""What the tests of this folder look at: the files that belong to the project."""

from __future__ import annotations

import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NOT_OURS = {".git", ".venv", "build", "dist", "node_modules"}


@cache
def files() -> tuple[Path, ...]:
    """Every file that git tracks or would; without git, every file outside the folders that tools write."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode == 0:
        found = [ROOT / name for name in listed.stdout.split("\0") if name]
    else:
        found = [path for path in ROOT.rglob("*") if not _is_written_by_tools(path)]
    return tuple(sorted(path for path in found if path.is_file()))


def _is_written_by_tools(path: Path) -> bool:
    parts = path.relative_to(ROOT).parts
    return any(part in NOT_OURS or part == "__pycache__" or part.endswith("_cache") for part in parts)


def python_files() -> list[Path]:
    return [path for path in files() if path.suffix == ".py"]


def name(path: Path) -> str:
    """How a file is called in the tests' reports."""
    return path.relative_to(ROOT).as_posix()
