"""Times the pages as their readers see them: a hub full of people, `hub web` in a process of its own, and two syncs.

The hub is filled once by the real stages (most of the time that this takes). Then a few lookers open pages over
loopback, first with nothing else at work, then with two processes that read everything again and again. Goals, p95:
home, one contact and the next review 50 ms, search 80 ms. Prints one JSON document; talk goes to stderr.

    make bench-admin                                              100,000 contacts, 1,000,000 orders: half an hour
    make bench-admin ARGS="--contacts 5000 --events 20000 --databases sqlite --seconds 10"
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Any

import requests
from sqlalchemy import func, select

from benchmarks.admin import estate
from benchmarks.admin.lookers import Target, look, pages
from benchmarks.identity.databases import KINDS, NoDatabase, fresh
from benchmarks.options import list_of
from hub.admin.sessions import make_link
from hub.settings.load import load
from hub.stages.golden import contacts
from hub.store.engine import Store, open_store

LOOKERS = 4
SYNCS = ("people", "orders")
START_SECONDS = 30


def main() -> None:
    wishes = _wishes()
    found = {}
    for kind in wishes.databases:
        with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_FOLDER")) as folder:
            try:
                with fresh(kind, Path(folder)) as database:
                    found[kind] = _measured(Path(folder), database, wishes)
            except NoDatabase as reason:
                found[kind] = {"missing": str(reason)}
    print(json.dumps({"cores": os.cpu_count(), "load": os.getloadavg()[0], "databases": found}, indent=2))


def _measured(root: Path, database: str, wishes: argparse.Namespace) -> dict[str, Any]:
    names = estate.write(root, database, wishes.contacts, wishes.events)
    begun = time.monotonic()
    _hub(root, "--json", "sync")
    filled = time.monotonic() - begun
    store = open_store(load(root / "config").database_url)
    try:
        ids, number = _some(store)
        kinds = pages(ids, names)
        with _served(root) as url:
            quiet = look(_target(store, url), kinds, wishes.seconds)
            with _at_work(root):
                busy = look(_target(store, url), kinds, wishes.seconds)
    finally:
        store.close()
    return {"contacts": number, "events": wishes.events, "filled_s": round(filled), "quiet": quiet, "two_syncs": busy}


def _some(store: Store) -> tuple[list[str], int]:
    with store.read() as db:
        ids = db.execute(select(contacts.c.id).order_by(contacts.c.id).limit(20_000)).scalars().all()
        return list(ids), db.execute(select(func.count()).select_from(contacts)).scalar_one()


def _target(store: Store, url: str) -> Target:
    return Target(url, [make_link(store, url) for _ in range(LOOKERS)])


def _command(root: Path, *words: str) -> list[str]:
    return [sys.executable, "-m", "hub.cli.commands", "-c", str(root / "config"), *words]


def _hub(root: Path, *words: str) -> None:
    subprocess.run(_command(root, *words), check=True, stdout=subprocess.DEVNULL)


@contextmanager
def _served(root: Path) -> Iterator[str]:
    """The address of `hub web` in a process of its own."""
    with subprocess.Popen(_command(root, "--json", "web", "--port", "0"), stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            url = json.loads("".join(_document(server.stdout)))["url"]
            _wait_for(url)
            yield url
        finally:
            server.terminate()


def _document(lines: IO[str]) -> Iterator[str]:
    """The lines of the one JSON document that a command prints."""
    for line in lines:
        yield line
        if line == "}\n":
            return


def _wait_for(url: str) -> None:
    until = time.monotonic() + START_SECONDS
    while requests.get(f"{url}/healthz", timeout=5).status_code != requests.codes.ok:
        if time.monotonic() > until:
            raise TimeoutError(f"the pages did not answer within {START_SECONDS} s")
        time.sleep(0.1)


@contextmanager
def _at_work(root: Path) -> Iterator[None]:
    """Two processes that read everything again until the block ends."""
    with ExitStack() as stack:
        for connection in SYNCS:
            words = _command(root, "--json", "sync", connection, "--full")
            again = f"import subprocess\nwhile True: subprocess.run({words!r}, stdout=-3, stderr=-3)"
            process = stack.enter_context(subprocess.Popen([sys.executable, "-c", again], start_new_session=True))
            stack.callback(_end, process)
        yield


def _end(process: subprocess.Popen[bytes]) -> None:
    os.killpg(process.pid, 15)


def _wishes() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="How quickly the pages are there.")
    parser.add_argument("--contacts", type=int, default=100_000)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=float, default=60, help="how long is looked, each time")
    parser.add_argument("--databases", type=list_of(KINDS), default=list(KINDS))
    return parser.parse_args()


if __name__ == "__main__":
    main()
