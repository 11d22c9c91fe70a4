"""The demo's world for its tests: small, running, and without a hub."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.demo.world import World
from hub.demo.world import world as running


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with running(tmp_path / "demo", people=60) as found:
        yield found
