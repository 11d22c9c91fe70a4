"""PostgreSQL crashes under a sync and starts again: it goes on, or ends saying so, and the next one misses nothing."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import psycopg
import pytest
from psycopg.sql import SQL, Identifier
from sqlalchemy import make_url

from tests.flows.consent.day import MINUTE, State, a_day, finished, start_at
from tests.flows.databases import postgres_at
from tests.flows.service import until
from tests.flows.terminal import attended
from tests.services import Postgres

CRASHES = 3
BETWEEN = 0.5
TRY_LATER = 75
FAILED = 69


def backends(server: Postgres, url: str) -> list[int]:
    """The server's processes that work for this database; none while it starts again."""
    conninfo = server.url.set(drivername="postgresql").render_as_string(hide_password=False)
    try:
        with psycopg.connect(conninfo, autocommit=True) as db:
            found = db.execute("SELECT pid FROM pg_stat_activity WHERE datname = %s", [make_url(url).database])
            return [int(row[0]) for row in found]
    except psycopg.OperationalError:
        return []


@pytest.mark.fault("P11")
@pytest.mark.skipif(bool(os.environ.get("HUB_TEST_PG")), reason="a server of our own is needed to crash it")
def test_a_server_that_crashes_three_times_under_a_sync_costs_nothing(
    postgres_server: Postgres, tmp_path: Path, undisturbed: State
) -> None:
    with postgres_at(postgres_server) as url, a_day(tmp_path) as town:
        _keep_commits(postgres_server, url)
        with attended(start_at(MINUTE, town, url, "sync")) as process:
            crashes = 0
            while process.poll() is None and crashes < CRASHES:
                for pid in backends(postgres_server, url)[:1]:
                    os.kill(pid, signal.SIGKILL)  # whereupon the server ends all others and recovers
                    crashes += 1
                time.sleep(BETWEEN)
            assert crashes
            assert process.wait() in (0, FAILED, TRY_LATER)
        until(lambda: _answers(postgres_server))
        state = finished(town, url, ("sync", "sync", "sync"))
    assert state.changes == undisturbed.changes
    assert state.tags == undisturbed.tags
    assert state.shown == undisturbed.shown
    assert [name for name in undisturbed.people if state.people[name] != undisturbed.people[name]] == []


def _keep_commits(server: Postgres, url: str) -> None:
    """The tests' server answers a commit before it has written it down, which no crash may follow."""
    name = make_url(url).database or ""
    conninfo = server.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(conninfo, autocommit=True) as db:
        db.execute(SQL("ALTER DATABASE {} SET synchronous_commit = on").format(Identifier(name)))


def _answers(server: Postgres) -> bool:
    conninfo = server.url.set(drivername="postgresql").render_as_string(hide_password=False)
    try:
        with psycopg.connect(conninfo):
            return True
    except psycopg.OperationalError:
        return False
