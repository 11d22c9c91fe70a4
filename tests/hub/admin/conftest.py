"""A hub to look at, a clock to turn, and a browser's stand-in that is or is not signed in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from connectors.kit.testing import FakeClock
from hub.admin.app import create_app
from tests.hub.admin import estate as estates
from tests.hub.admin.browsing import ORIGIN, sign_in
from tests.hub.admin.estate import Estate


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Estate]:
    """A configured hub that has pulled nothing, on SQLite."""
    with estates.estate(tmp_path, "sqlite:///hub.db") as made:
        yield made


@pytest.fixture
def hub(empty: Estate) -> Estate:
    """A hub that knows Alice, Bob and Charlie, on SQLite."""
    empty.put(estates.DESK, estates.LOYALTY, estates.ORDERS)
    return empty


@pytest.fixture
def either_hub(tmp_path: Path, database_url: str) -> Iterator[Estate]:
    """A hub that knows Alice, Bob and Charlie: once on SQLite, once on PostgreSQL."""
    with estates.estate(tmp_path, database_url) as made:
        made.put(estates.DESK, estates.LOYALTY, estates.ORDERS)
        yield made


@pytest.fixture
def app(hub: Estate, clock: FakeClock) -> FastAPI:
    return create_app(hub.store, hub.settings, clock.now)


@pytest.fixture
def stranger(app: FastAPI) -> TestClient:
    """Somebody without a session."""
    return TestClient(app, base_url=ORIGIN, follow_redirects=False)


@pytest.fixture
def browser(hub: Estate, clock: FakeClock, stranger: TestClient) -> TestClient:
    """Somebody who is signed in."""
    sign_in(stranger, hub.store, clock)
    return stranger
