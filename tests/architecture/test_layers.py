"""The shape of the source: which room may use which, and what every file keeps to."""

from __future__ import annotations

import ast
import importlib
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture import tree

LONGEST_FILE = 400

MACHINE_PATH = re.compile(r"(?<![\w.~:/}*-])/(?:root\b|home/\w|Users/\w|work/|mnt/|tmp/(?!hub\b)\w)")
REGISTRY_HOST = re.compile(
    r"(?:pypi\.(?:org|io)|pythonhosted\.org|registry\.npmjs|--(?:extra-)?index-url|--find-links)"
)
NAMES_THEM_ON_PURPOSE = {"tests/architecture/test_layers.py"}


def test_rooms_use_only_what_lies_below() -> None:
    """In a process of its own: import-linter switches off the loggers of the process it runs in."""
    lint = "from importlinter.cli import lint_imports; raise SystemExit(lint_imports(no_cache=True))"
    done = subprocess.run([sys.executable, "-c", lint], cwd=tree.ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("room", ["connectors", "dedupe", "hub", "mapping"])
def test_the_room_in_use_is_ours_and_not_another_project_of_that_name(room: str) -> None:
    assert importlib.import_module(room).__file__ == str(tree.ROOT / room / "__init__.py")


def test_every_python_file_says_first_what_may_be_in_it() -> None:
    assert [tree.name(path) for path in tree.python_files() if not _docstring(path)] == []


def test_no_python_file_is_longer_than_two_screens_of_ideas() -> None:
    lengths = {tree.name(path): len(path.read_text().splitlines()) for path in tree.python_files()}
    assert {name: length for name, length in lengths.items() if length > LONGEST_FILE} == {}


def test_every_folder_of_tests_is_a_package_so_that_equal_file_names_do_not_clash() -> None:
    folders = {path.parent for path in tree.python_files() if path.is_relative_to(tree.ROOT / "tests")}
    assert [tree.name(folder) for folder in sorted(folders) if not (folder / "__init__.py").exists()] == []


def test_no_file_names_one_machine_or_a_package_registry() -> None:
    assert [place for path in tree.files() for place in _places_of_one_machine(path)] == []


@pytest.mark.parametrize("parts", [("open('", "root", "x')"), ("", "home", "alice"), ("see ", "tmp", "build7")])
def test_a_place_of_one_machine_is_recognised(parts: tuple[str, str, str]) -> None:
    before, folder, rest = parts  # put together here, so that this file names none itself
    assert MACHINE_PATH.search(f"{before}/{folder}/{rest}")


def test_a_package_registry_is_recognised() -> None:
    assert REGISTRY_HOST.search("https://" + "pypi" + ".org/simple")


@pytest.mark.parametrize("line", ["GET /admin/home/x", "https://shop.example/work/1", "~/work/hub", "a/tmp/b"])
def test_a_path_on_a_web_server_is_none(line: str) -> None:
    assert not MACHINE_PATH.search(line)
    assert not REGISTRY_HOST.search(line)


def _docstring(path: Path) -> str | None:
    return ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))


def _places_of_one_machine(path: Path) -> list[str]:
    if tree.name(path) in NAMES_THEM_ON_PURPOSE:
        return []
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError:
        return []
    return [
        f"{tree.name(path)}:{number}"
        for number, line in enumerate(lines, 1)
        if MACHINE_PATH.search(line) or REGISTRY_HOST.search(line)
    ]
