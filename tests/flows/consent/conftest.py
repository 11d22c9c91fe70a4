"""The fixtures of these journeys: a life on SQLite, a life on either database, and none that waits."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.flows.consent.life import Life, alive


@pytest.fixture
def life(tmp_path: Path) -> Iterator[Life]:
    """A town with a hub on SQLite."""
    with alive(tmp_path, f"sqlite:///{tmp_path / 'hub.db'}") as life:
        yield life


@pytest.fixture
def life_anywhere(tmp_path: Path, database_url: str) -> Iterator[Life]:
    """A town with a hub, once on SQLite and once on PostgreSQL."""
    with alive(tmp_path, database_url) as life:
        yield life
