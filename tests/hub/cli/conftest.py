"""Fixtures of these tests: a hub with nothing in it, and no connection."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.store.engine import Store, open_store
from tests.flows.terminal import Hub


@pytest.fixture
def hub(tmp_path: Path, database_url: str) -> Hub:
    """Configured, without a connection; the test runs once on SQLite and once on PostgreSQL."""
    config = tmp_path / "config"
    config.mkdir()
    (config / "hub.yaml").write_text(
        'version: 1\ndatabase: "${env:HUB_DATABASE}"\nregion: AU\ntimezone: Australia/Sydney\n'
    )
    return Hub(config, database_url)


@pytest.fixture
def kept(hub: Hub) -> Iterator[Store]:
    """What the commands wrote; a command has to run first."""
    store = open_store(hub.database)
    yield store
    store.close()
