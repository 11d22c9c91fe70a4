"""The servers of the tests: they start as root and as a user, keep to themselves, and leave nothing behind."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from tests import services


def ask(url: str, *statements: str) -> list[str]:
    """Run the statements in one transaction and give the last one's first column."""
    engine = create_engine(url)
    try:
        with engine.begin() as connection:
            *before, last = statements
            for statement in before:
                connection.execute(text(statement))
            return [row[0] for row in connection.execute(text(last))]
    finally:
        engine.dispose()


@pytest.mark.parametrize("run", ["first", "second"])
def test_a_test_finds_nothing_of_the_test_before_it(database_url: str, run: str) -> None:
    assert ask(
        database_url, "CREATE TABLE guest (name text)", f"INSERT INTO guest VALUES ('{run}')", "SELECT name FROM guest"
    ) == [run]


def test_a_killed_test_run_leaves_no_server_and_no_folder() -> None:
    dies = (
        "import os, signal; from tests import services\n"
        "with services.postgres({}) as server:\n"
        "    print(server.url.query['host'], flush=True)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    killed = subprocess.run([sys.executable, "-c", dies], capture_output=True, text=True, check=False, timeout=60)
    if not killed.stdout:
        services.refuse(killed.stderr)
    assert not Path(killed.stdout.strip()).exists()


def test_without_a_server_a_laptop_skips_and_ci_fails() -> None:
    with pytest.raises(pytest.skip.Exception, match="no PostgreSQL: no disk"):
        services.refuse("no disk", {})
    with pytest.raises(pytest.fail.Exception, match="no PostgreSQL: no disk"):
        services.refuse("no disk", {"CI": "true"})


def test_the_server_at_hand_is_used_when_it_is_named() -> None:
    with services.postgres({"HUB_TEST_PG": "postgresql://alice:pw@db.example:5433/postgres?sslmode=require"}) as server:
        assert server.url.drivername == "postgresql+psycopg"
        assert server.url.set(database="hub").render_as_string(hide_password=False) == (
            "postgresql+psycopg://alice:pw@db.example:5433/hub?sslmode=require"
        )
