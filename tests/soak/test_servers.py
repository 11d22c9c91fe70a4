"""The soak's own servers lose nothing that was promised, however they are struck."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from tests import services
from tests.soak.servers import own_postgres, own_redis


def test_a_postgres_keeps_what_was_committed_when_it_is_stopped_at_once_and_killed() -> None:
    try:
        with own_postgres() as server:
            conninfo = make_url(server.url).set(drivername="postgresql").render_as_string(False)
            for number, strike in enumerate((server.stop_at_once, server.kill)):
                with psycopg.connect(conninfo, autocommit=True) as db:
                    assert db.execute("SHOW synchronous_commit").fetchone() == ("on",)
                    db.execute(b"CREATE TABLE kept_%d (id int)" % number)
                    strike()
                server.start()
            with psycopg.connect(conninfo) as db:
                assert db.execute("SELECT 1 FROM kept_0 FULL JOIN kept_1 ON true").fetchone() is None
    except services.UnavailableError as reason:
        services.refuse(str(reason))


def test_a_redis_has_after_a_kill_what_its_file_has(tmp_path: Path) -> None:
    try:
        with own_redis(tmp_path) as server:
            with server.client() as client:
                assert client.config_get("appendfsync") == {"appendfsync": "everysec"}
                client.set("doorbell", "rung")
                client.config_set("appendfsync", "always")
                client.set("doorbell", "rung again")
            server.kill()
            server.start()
            with server.client() as client:
                assert client.get("doorbell") == b"rung again"
    except services.UnavailableError as reason:
        services.refuse(str(reason), server="Redis")


def test_without_a_postgres_of_ones_own_nothing_is_struck(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that somebody gave the tests is theirs: the soak starts one beside it."""
    monkeypatch.setenv("HUB_TEST_PG", "postgresql://nobody@nowhere/none")
    try:
        with own_postgres() as server:
            assert make_url(server.url).query["host"] == str(server.folder)
    except services.UnavailableError as reason:
        services.refuse(str(reason))
