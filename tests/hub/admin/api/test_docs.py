"""The guide to the API tells of what there is, and of all of it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from fastapi import FastAPI

from hub.admin.api import limits
from hub.admin.api.doors import ApiDoor
from tests.architecture import tree

GUIDE = (tree.ROOT / "docs" / "api.md").read_text()
PATH = re.compile(r"(?:\$HUB|/api/v1)(/[a-z][^\s`'?]*)")


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'hub.db'}"


def test_every_address_in_the_guide_exists_and_every_one_that_exists_is_told(app: FastAPI) -> None:
    doors = [route for route in app.routes if isinstance(route, ApiDoor)]
    told = {f"/api/v1{path}" for path in PATH.findall(GUIDE)}
    assert [path for path in told if not any(door.path_regex.match(path) for door in doors)] == []
    assert {door.path for door in doors if not any(door.path_regex.match(path) for path in told)} == set()


def test_the_limits_in_the_guide_are_those_of_the_code() -> None:
    assert f"{limits.PER_SECOND:.0f} requests a second for each token, {limits.BURST} at once" in GUIDE
    assert limits.SEARCHES == 4
    assert "Four searches at once" in GUIDE
