"""Empty databases for one contender after another, as durable as in service, and what the server itself has spent."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

import psycopg
from sqlalchemy import create_engine, make_url, text

from benchmarks.identity.databases import DURABLE, NoDatabase
from tests import services

TICKS = os.sysconf("SC_CLK_TCK")
USED = slice(13, 15)
WITH_THE_DEAD = slice(13, 17)
"""User and system ticks in /proc/PID/stat; then those of the children that have ended."""


@dataclass(frozen=True)
class Databases:
    """Makes databases of one kind below `folder`, or on `server`, which `data` is the folder of if it is here."""

    kind: str
    folder: Path
    server: services.Postgres | None = None
    data: Path | None = None

    def fresh(self, name: str) -> str:
        """The URL of an empty database; that of PostgreSQL is one that psycopg reads too."""
        if self.server is None:
            return f"sqlite:///{self.folder / name}.db"
        return make_url(self.server.create_database()).set(drivername="postgresql").render_as_string(False)

    def drop(self, url: str) -> None:
        if self.server is not None:
            self.server.drop_database(url)
            return
        file = Path(url.removeprefix("sqlite:///"))
        for part in file.parent.glob(file.name + "*"):
            part.unlink()

    def settle(self) -> None:
        """Let the server write down what the one before has left, so that nobody pays for another."""
        if self.server is not None:
            with psycopg.connect(_plain(self.server), autocommit=True) as db:
                db.execute("CHECKPOINT")

    def cpu_seconds(self) -> float | None:
        """Of the server with all that it has started; None where there is none, or it is not ours to look at."""
        if self.data is None or sys.platform != "linux":
            return None
        first = (self.data / "postmaster.pid").read_text().split("\n", 1)[0]
        children = Path(f"/proc/{first}/task/{first}/children").read_text().split()
        return ticks(first, WITH_THE_DEAD) + sum(ticks(child, USED) for child in children)


def rows(url: str, table: str) -> int:
    """How many rows a table holds."""
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg") if url.startswith("p") else url)
    with engine.connect() as db:
        found: int = db.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()
    engine.dispose()
    return found


@contextmanager
def databases(kind: str, folder: Path) -> Iterator[Databases]:
    """For the length of a block; PostgreSQL is that of BENCH_POSTGRES or one of our own. Raises NoDatabase."""
    if kind == "sqlite":
        yield Databases(kind, folder)
    elif given := os.environ.get("BENCH_POSTGRES"):
        yield Databases(kind, folder, services.Postgres(make_url(given).set(drivername="postgresql+psycopg")))
    else:
        with _own() as (server, data):
            yield Databases(kind, folder, server, data)


@contextmanager
def _own() -> Iterator[tuple[services.Postgres, Path]]:
    """A server that is reached by TCP, which every contender can do, with a password, which dlt does not do without."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    reached = {"listen_addresses": "127.0.0.1", "port": str(port)}
    try:
        with patch.dict(services.SETTINGS, DURABLE | reached), services.postgres({}) as local:
            server = services.Postgres(local.url.set(password="any", host="127.0.0.1", port=port, query={}))
            with psycopg.connect(_plain(server)) as db:
                shown = db.execute("SHOW data_directory").fetchone()
            yield server, Path(shown[0] if shown else "")
    except services.UnavailableError as reason:
        raise NoDatabase(str(reason)) from reason


def _plain(server: services.Postgres) -> str:
    return server.url.set(drivername="postgresql").render_as_string(hide_password=False)


def ticks(process: str, which: slice) -> float:
    try:
        stat = Path(f"/proc/{process}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return sum(map(int, ["", "", *stat.rpartition(")")[2].split()][which])) / TICKS
