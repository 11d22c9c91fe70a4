"""Fixtures that every test may ask for: databases on real servers, each test with its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

pytest.register_assert_rewrite(
    "connectors.kit.testing", "connectors.kit.testing_destination", "connectors.kit.testing_writes"
)

from tests import services  # noqa: E402
from tests.databases import make_schema, with_schema  # noqa: E402


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[services.Postgres]:
    """One server for the session, or for each worker of a parallel session."""
    with ExitStack() as stack:
        try:
            server = stack.enter_context(services.postgres())
        except services.UnavailableError as reason:
            services.refuse(str(reason))
        yield server


@pytest.fixture(scope="session")
def postgres_schema(postgres_server: services.Postgres) -> Iterator[str]:
    """A PostgreSQL database that nobody uses, with the schema alone, to be copied."""
    url = postgres_server.create_database()
    make_schema(url)
    yield url
    postgres_server.drop_database(url)


@pytest.fixture
def postgres_url(postgres_server: services.Postgres, postgres_schema: str) -> Iterator[str]:
    """A PostgreSQL database of the test's own, with the schema and no row."""
    url = postgres_server.create_database(like=postgres_schema)
    yield url
    postgres_server.drop_database(url)


@pytest.fixture
def redis_server(tmp_path: Path) -> Iterator[services.Redis]:
    """An empty Redis of the test's own."""
    with ExitStack() as stack:
        try:
            server = stack.enter_context(services.redis(tmp_path))
        except services.UnavailableError as reason:
            services.refuse(str(reason), server="Redis")
        yield server


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database of the test's own, with the schema and no row: the test runs on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        return with_schema(f"sqlite:///{tmp_path / 'hub.db'}")
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture(params=["sqlite", "postgres"])
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database of the test's own in which nothing is yet, on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'hub.db'}"
        return
    server: services.Postgres = request.getfixturevalue("postgres_server")
    url = server.create_database()
    yield url
    server.drop_database(url)
