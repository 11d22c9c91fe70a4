"""The start-up guard: a package of ours that another project took over stops the hub before any of it runs."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from base64 import urlsafe_b64encode
from pathlib import Path

import pytest

import hub
from hub.startup import PACKAGES, check_packages

STRANGER = "raise SystemExit(1)\n"
OURS = '"""Ours."""\n'


def start(*path: Path) -> subprocess.CompletedProcess[str]:
    """Run the guard in a Python of its own that looks for packages in these folders only."""
    return subprocess.run(
        [sys.executable, "-S", "-c", "from hub.startup import check_packages; check_packages()"],
        cwd=path[0],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, path))},
        capture_output=True,
        text=True,
        check=False,
    )


def install(site: Path, project: str, **packages: str) -> None:
    """Lay out packages of one `__init__.py` each, with the notes that pip would keep about them."""
    notes = site / f"{project.replace('-', '_')}-1.0.dist-info"
    notes.mkdir(parents=True)
    (notes / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {project}\nVersion: 1.0\n")
    record = [f"{notes.name}/METADATA,,", f"{notes.name}/RECORD,,"]
    for name, source in packages.items():
        (site / name).mkdir(exist_ok=True)
        (site / name / "__init__.py").write_text(source)
        digest = urlsafe_b64encode(hashlib.sha256(source.encode()).digest()).rstrip(b"=").decode()
        record.append(f"{name}/__init__.py,sha256={digest},{len(source)}")
    (notes / "RECORD").write_text("\n".join(record) + "\n")


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A folder into which the hub was installed as a wheel."""
    site = tmp_path / "site"
    install(site, "contact-hub", hub="", **dict.fromkeys(PACKAGES, OURS))
    shutil.copy(Path(hub.__file__).parent / "startup.py", site / "hub")
    return site


def test_our_own_packages_pass() -> None:
    check_packages()


def test_an_installed_hub_passes(site: Path) -> None:
    done = start(site)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_stranger_that_comes_first_on_the_path_is_named_with_file_and_owner(tmp_path: Path, site: Path) -> None:
    install(tmp_path / "other", "dedupe", dedupe=STRANGER)
    done = start(tmp_path / "other", site)
    assert done.returncode == 78
    assert f"{tmp_path / 'other' / 'dedupe' / '__init__.py'} belongs to dedupe." in done.stderr


def test_a_stranger_installed_over_ours_is_named(site: Path) -> None:
    install(site, "dedupe", dedupe=STRANGER)
    done = start(site)
    assert done.returncode == 78
    assert f"{site / 'dedupe' / '__init__.py'} belongs to dedupe." in done.stderr


def test_a_package_that_went_with_the_stranger_is_missed(site: Path) -> None:
    shutil.rmtree(site / "dedupe")
    done = start(site)
    assert done.returncode == 78
    assert "'dedupe' of contact-hub is missing" in done.stderr


def test_every_package_that_is_not_ours_is_named_at_once(tmp_path: Path, site: Path) -> None:
    (tmp_path / "scripts").mkdir()
    for name in PACKAGES:
        (tmp_path / "scripts" / f"{name}.py").write_text(STRANGER)
    done = start(tmp_path / "scripts", site)
    assert done.returncode == 78
    assert done.stderr.count("belongs to nobody that pip knows") == len(PACKAGES)
