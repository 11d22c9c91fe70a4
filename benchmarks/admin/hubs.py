"""The filled hub: made by the real stages for one measurement, or kept in a folder and looked at again."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.admin import estate
from benchmarks.identity.databases import NoDatabase, fresh
from tests import services

FILLED = "filled.json"
"""Says in a hub's folder what it was filled with; it is written last."""


@contextmanager
def hub(kind: str, size: estate.Size, keep: Path | None) -> Iterator[Path]:
    """The folder of a filled hub; with `keep` it stays there and is taken from there the next time.

    Raises NoDatabase, also for a kept hub of another size, and for PostgreSQL that would not outlive this process.
    """
    if keep is not None:
        yield _kept(kind, size, keep / kind)
        return
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_FOLDER")) as name, fresh(kind, Path(name)) as database:
        _fill(Path(name), database, size)
        yield Path(name)


def seconds_to_fill(root: Path) -> int:
    found: int = json.loads((root / FILLED).read_text())["seconds"]
    return found


def command(root: Path, *words: str) -> list[str]:
    """The words that run `hub` on the hub of a folder."""
    return [sys.executable, "-m", "hub.cli.commands", "-c", str(root / "config"), *words]


def _kept(kind: str, size: estate.Size, root: Path) -> Path:
    if not (root / FILLED).exists():
        _fill(root, _lasting(kind, root), size)
    told = json.loads((root / FILLED).read_text())
    if (told["contacts"], told["events"]) != (size.contacts, size.events):
        raise NoDatabase(f"{root} is filled with {told['contacts']} contacts and {told['events']} events: keep another")
    return root


def _lasting(kind: str, root: Path) -> str:
    if kind == "sqlite":
        return f"sqlite:///{root / 'hub.db'}"
    given = os.environ.get("BENCH_POSTGRES")
    if not given:
        raise NoDatabase("what is to be kept needs a server that stays: name it in BENCH_POSTGRES")
    with services.postgres({"HUB_TEST_PG": given}) as server:
        return server.create_database()


def _fill(root: Path, database: str, size: estate.Size) -> None:
    estate.write(root, database, size)
    begun = time.monotonic()
    subprocess.run(command(root, "--json", "sync"), check=True, stdout=subprocess.DEVNULL)
    told = {"contacts": size.contacts, "events": size.events, "seconds": round(time.monotonic() - begun)}
    (root / FILLED).write_text(json.dumps(told))
