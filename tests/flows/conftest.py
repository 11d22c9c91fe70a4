"""Fixtures of the flows: a small running world, and a hub on either database that is configured for it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.flows.databases import Fresh, postgres_at, sqlite_in
from tests.flows.terminal import Hub
from tests.flows.world import World, running


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A world for all tests that only look, and the hub `synced` with it."""
    with running(tmp_path_factory.mktemp("town") / "world", people=120) as found:
        yield found


@pytest.fixture(scope="session")
def synced(town: World) -> Hub:
    """A hub after its first sync. Whoever decides something there undoes it."""
    hub = Hub(town.config, f"sqlite:///{town.root / 'hub.db'}")
    hub.here("sync")
    return hub


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A world of the test's own, to change at will."""
    with running(tmp_path / "world", people=60) as found:
        yield found


@pytest.fixture
def hub(world: World, database_url: str) -> Hub:
    """The hub of `world`, before its first sync; the test runs once on SQLite and once on PostgreSQL."""
    return Hub(world.config, database_url)


@pytest.fixture(params=["sqlite", "postgres"])
def fresh(request: pytest.FixtureRequest, tmp_path: Path) -> Fresh:
    """Gives empty databases of either kind, each gone after its block."""
    if request.param == "sqlite":
        return lambda: sqlite_in(tmp_path)
    server = request.getfixturevalue("postgres_server")
    return lambda: postgres_at(server)
