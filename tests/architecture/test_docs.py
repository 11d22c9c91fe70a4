"""The documents keep up with the project: what they tell to type exists, and what exists is told."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.architecture import tree

TARGET = re.compile(r"^([a-z][a-z-]*):[^=\n]*##", re.MULTILINE)
"""A Makefile target with its line of help; targets without help are the Makefile's own business."""

TOLD = re.compile(r"\bmake ([a-z][a-z-]*)\b(?!-)")
LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#]+)")


def told() -> set[str]:
    """Every target that README or CONTRIBUTING names in code."""
    text = "\n".join((tree.ROOT / name).read_text() for name in ("README.md", "CONTRIBUTING.md"))
    code = re.findall(r"```.*?```|`[^`\n]+`", text, re.DOTALL)
    return {target for piece in code for target in TOLD.findall(piece)}


def targets() -> set[str]:
    return set(TARGET.findall((tree.ROOT / "Makefile").read_text()))


def benchmarks() -> set[str]:
    """The targets that the Makefile makes of the files in benchmarks/."""
    return {path.stem.replace("_", "-") for path in (tree.ROOT / "benchmarks").glob("bench_*.py")}


def test_every_target_that_is_told_exists() -> None:
    assert told() - targets() - benchmarks() == set()


def test_every_target_is_told() -> None:
    assert targets() - told() == set()


def test_the_two_commands_of_the_readme_are_there() -> None:
    assert {"demo", "test"} <= told() & targets()


@pytest.mark.parametrize("page", [path for path in tree.files() if path.suffix == ".md"], ids=tree.name)
def test_every_link_inside_the_project_leads_somewhere(page: Path) -> None:
    links = LINK.findall(page.read_text())
    assert [link for link in links if not (page.parent / link.strip()).exists()] == []


def test_every_decision_is_listed_and_numbered_without_gaps() -> None:
    folder = tree.ROOT / "docs" / "decisions"
    decisions = sorted(path.name for path in folder.glob("[0-9]*.md"))
    assert [name[:4] for name in decisions] == [f"{number:04}" for number in range(1, len(decisions) + 1)]
    overview = (folder / "README.md").read_text()
    assert [name for name in decisions if f"({name})" not in overview] == []
