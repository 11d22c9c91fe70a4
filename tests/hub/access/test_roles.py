"""The table of roles in the docs says what the code does."""

from __future__ import annotations

from pathlib import Path

from hub.access.roles import ROLES, Permission, Role

PAGE = Path(__file__).parents[3] / "docs" / "people-and-roles.md"


def test_the_table_of_the_docs_is_that_of_the_code() -> None:
    lines = [line.strip("|").split("|") for line in PAGE.read_text().splitlines() if line.startswith("|")]
    head, _, *rows = [[cell.strip() for cell in line] for line in lines]
    assert head[1:5] == list(Role)
    told = {row[0].strip("`"): {role for role, cell in zip(head[1:5], row[1:5], strict=True) if cell} for row in rows}
    assert told == {one: {role for role in Role if one in ROLES[role]} for one in Permission}
