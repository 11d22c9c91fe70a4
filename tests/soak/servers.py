"""A PostgreSQL and a Redis of the soak's own, set as in production, with the blows that are dealt to them."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from sqlalchemy import make_url

from tests import services

SAFE = "-c listen_addresses= -c shared_buffers=32MB -c max_connections=64"
"""Without what the tests' server leaves out to be quick: here a commit is a commit."""

PERSISTENCE = "--save '' --appendonly yes --appendfsync everysec --maxmemory 192mb --maxmemory-policy noeviction"
"""As deploy/compose.yaml has it."""

PATIENCE = 60.0


@dataclass
class PostgresServer:
    """A server that may be stopped hard and started again on the same data."""

    folder: Path
    url: str

    def stop_at_once(self) -> None:
        """`pg_ctl -m immediate stop`: no checkpoint, no goodbye; it recovers when it starts."""
        self._control("-m", "immediate", "stop")

    def kill(self) -> None:
        """kill -9 of the server's first process; the others find out."""
        pid = int((self.folder / "data" / "postmaster.pid").read_text().split()[0])
        os.kill(pid, signal.SIGKILL)

    def start(self) -> None:
        """Start, and wait until it answers; raises TimeoutError."""
        until = time.monotonic() + PATIENCE
        while not self._started():  # after a kill the processes that are left end first
            if time.monotonic() > until:
                raise TimeoutError((self.folder / "log").read_text()[-2000:])
            time.sleep(0.2)

    def _started(self) -> bool:
        try:
            self._control("-l", "log", "-o", f"{SAFE} -c unix_socket_directories={self.folder}", "start")
            with psycopg.connect(make_url(self.url).set(drivername="postgresql").render_as_string(False)):
                return True
        except (subprocess.CalledProcessError, psycopg.OperationalError):
            return False

    def _control(self, *words: str) -> None:
        owner = (self.folder / "data").stat()
        copied = next(iter(self.folder.glob(f"*/{services.PROGRAMS}/pg_ctl")), None)
        program = str(copied or services.program_of_postgres("pg_ctl"))
        as_owner = {"user": owner.st_uid, "group": owner.st_gid, "extra_groups": []} if os.geteuid() == 0 else {}
        subprocess.run(
            [program, "-D", "data", "-w", "-t", "60", *words],
            cwd=self.folder,
            check=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            **as_owner,  # type: ignore[call-overload]
        )


@contextmanager
def own_postgres() -> Iterator[PostgresServer]:
    """A server with one empty database, whose commits are safe; raises UnavailableError."""
    with services.postgres({}) as quick:
        server = PostgresServer(Path(str(quick.url.query["host"])), quick.create_database())
        server.stop_at_once()
        server.start()
        yield server


@contextmanager
def own_redis(folder: Path) -> Iterator[services.Redis]:
    """A Redis that keeps what it has over a kill, as in production; raises UnavailableError."""
    with services.redis(folder, PERSISTENCE) as server:
        yield server
