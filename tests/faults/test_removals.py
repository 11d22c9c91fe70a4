"""A protection that is taken out fails the test of its fault: shown in a copy of the source that is thrown away."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("connectors", "mapping", "dedupe", "hub", "tests")
SECONDS = 300
PASSED, FAILED = 0, 1
"""pytest's exit codes; any other says that it could not even run the test."""


@dataclass(frozen=True)
class Removal:
    """What is replaced in a file, once, and the test that must notice. `fault`: whose protection it is."""

    fault: str
    file: str
    protection: str
    instead: str
    test: str


REMOVALS = (
    Removal(
        "P03",
        "hub/jobs/sweeper.py",
        '            if row["id"] not in alive:\n                self._lose(row, swept)\n',
        "            pass\n",
        "tests/hub/jobs/test_sweeper.py::test_a_worker_elsewhere_is_believed_until_its_lease_ends[sqlite]",
    ),
    Removal(
        "P03",
        "hub/jobs/doorbell.py",
        "with suppress(DuplicateJobError):",
        "with suppress(ZeroDivisionError):",
        "tests/hub/jobs/test_doorbell.py::test_crews_that_find_the_same_forgotten_job_at_once_ring_once_and_live",
    ),
    Removal(
        "W08",
        "hub/stages/apart.py",
        "        except SPOILED as error:\n",
        "        except ZeroDivisionError as error:\n",
        "tests/flows/faults/test_pushes.py::test_a_contact_that_the_vendor_chokes_on_holds_up_nobody_else[sqlite-0-400]",
    ),
    Removal(
        "W09",
        "hub/stages/outbox.py",
        '    if number >= MOST_ATTEMPTS:\n        return "dead", None\n',
        "",
        "tests/flows/faults/test_pushes.py"
        "::test_what_is_refused_for_ever_is_tried_later_and_later_and_ends_with_its_reason[sqlite]",
    ),
    Removal(
        "P14",
        "hub/stages/pull.py",
        "        counted = self.store.write(lambda db: self._store_group(",
        "        if cursor is not None:\n"
        "            self.store.write(lambda db: runs.save_cursor(db, self.place, cursor))\n"
        "        counted = self.store.write(lambda db: self._store_group(",
        "tests/flows/faults/test_crash_points.py"
        "::test_a_sync_that_dies_at_a_crash_point_is_finished_by_the_next[sqlite-map.stored]",
    ),
)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The source tree once more."""
    root = tmp_path_factory.mktemp("copy")
    for package in PACKAGES:
        shutil.copytree(ROOT / package, root / package, ignore=shutil.ignore_patterns("__pycache__"))
    for file in ("pyproject.toml", "README.md"):
        shutil.copy(ROOT / file, root / file)
    return root


def outcome(root: Path, test: str) -> tuple[int, str]:
    """How one test ends there, and what was said."""
    others = [path for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if path and Path(path) != ROOT]
    done = subprocess.run(
        [sys.executable, "-B", "-m", "pytest", "-q", "-m", "", "-p", "no:cacheprovider", test],
        cwd=root,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(root), *others])},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("removal", REMOVALS, ids=lambda one: f"{one.fault} {one.file}")
def test_without_its_protection_the_test_of_a_fault_fails(removal: Removal, copy: Path) -> None:
    code, said = outcome(copy, removal.test)
    assert code == PASSED, said
    file = copy / removal.file
    source = file.read_text()
    assert source.count(removal.protection) == 1
    file.write_text(source.replace(removal.protection, removal.instead))
    try:
        code, said = outcome(copy, removal.test)
    finally:
        file.write_text(source)
    assert code == FAILED, said
    assert f"FAILED {removal.test.partition('[')[0]}" in said, said


@pytest.mark.parametrize("removal", REMOVALS, ids=lambda one: f"{one.fault} {one.file}")
def test_a_protection_that_is_removed_is_there_once_and_its_test_names_the_fault(removal: Removal) -> None:
    assert (ROOT / removal.file).read_text().count(removal.protection) == 1
    assert f'fault("{removal.fault}")' in (ROOT / removal.test.partition("::")[0]).read_text()
