"""Times the pages as their readers see them: a hub full of people, `hub web` in a process of its own, and two syncs.

The hub is filled once by the real stages (most of the time that this takes), and kept for the next time with --keep.
Then one person opens every kind of page alone; then a few people at once, first with nothing else at work, then with
two processes that read everything again and again. Goals, p95: home, one contact and the next review 50 ms, search
80 ms. Prints one JSON document; talk goes to stderr.

    make bench-admin                                              100,000 contacts, 1,000,000 orders: half an hour
    make bench-admin ARGS="--contacts 5000 --events 20000 --databases sqlite --seconds 10"
    make bench-admin ARGS="--keep build/bench/hubs --databases sqlite"
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import requests
from sqlalchemy import func, select

from benchmarks.admin import hubs
from benchmarks.admin.estate import Size
from benchmarks.admin.lookers import Target, look, one_by_one
from benchmarks.admin.pages import MOST_KNOWN, Known, said
from benchmarks.identity.databases import KINDS, NoDatabase
from benchmarks.options import list_of
from benchmarks.sync.databases import USED, ticks
from hub.admin.sessions import make_link
from hub.settings.load import load
from hub.stages.golden import contacts
from hub.stages.reading import members
from hub.store.engine import Store, open_store

LOOKERS = 4
SYNCS = ("people", "orders")
START_SECONDS = 30


def main() -> None:
    wishes = _wishes()
    found = {}
    for kind in wishes.databases:
        try:
            with hubs.hub(kind, Size(wishes.contacts, wishes.events), wishes.keep) as root:
                found[kind] = _measured(root, wishes)
        except NoDatabase as reason:
            found[kind] = {"missing": str(reason)}
    print(json.dumps({"cores": os.cpu_count(), "load": os.getloadavg()[0], "databases": found}, indent=2))


def _measured(root: Path, wishes: argparse.Namespace) -> dict[str, Any]:
    store = open_store(load(root / "config").database_url)
    try:
        known, number = _known(store, root)
        with _served(root) as server:
            alone = one_by_one(_target(store, server.url, known), wishes.each, server.cpu_seconds)
            quiet = look(_target(store, server.url, known), wishes.seconds, wishes.pause)
            with _at_work(root):
                busy = look(_target(store, server.url, known), wishes.seconds, wishes.pause)
    finally:
        store.close()
    told = {
        "contacts": number,
        "events": wishes.events,
        "filled_s": hubs.seconds_to_fill(root),
        "pause_s": wishes.pause,
    }
    return {**told, "alone": alone, "quiet": quiet, "two_syncs": busy}


def _known(store: Store, root: Path) -> tuple[Known, int]:
    """What can be asked for, and how many contacts there are."""
    size = func.count()
    largest = select(members.c.contact_id).group_by(members.c.contact_id).order_by(size.desc()).limit(1)
    with store.read() as db:
        ids = db.execute(select(contacts.c.id).order_by(contacts.c.id).limit(MOST_KNOWN)).scalars().all()
        number = db.execute(select(func.count()).select_from(contacts)).scalar_one()
        giant = db.execute(largest).scalar_one()
    people = said(root)
    return Known(ids, giant, people["full"], people["email"], people["phone"]), number


def _target(store: Store, url: str, known: Known) -> Target:
    return Target(url, [make_link(store, url) for _ in range(LOOKERS)], known)


@dataclass(frozen=True)
class _Server:
    url: str
    pid: int

    def cpu_seconds(self) -> float | None:
        return ticks(str(self.pid), USED) if sys.platform == "linux" else None


@contextmanager
def _served(root: Path) -> Iterator[_Server]:
    """`hub web` in a process of its own."""
    words = hubs.command(root, "--json", "web", "--port", "0")
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            url = json.loads("".join(_document(process.stdout)))["url"]
            _wait_for(url)
            yield _Server(url, process.pid)
        finally:
            process.terminate()


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
            words = hubs.command(root, "--json", "sync", connection, "--full")
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
    parser.add_argument("--each", type=int, default=40, help="how many pages of a kind one person opens alone")
    parser.add_argument("--seconds", type=float, default=60, help="how long is looked by all, each time")
    parser.add_argument("--pause", type=float, default=0.25, help="seconds that a person reads, on average")
    parser.add_argument("--databases", type=list_of(KINDS), default=list(KINDS))
    parser.add_argument("--keep", type=Path, help="a folder in which the filled hubs stay and are found again")
    return parser.parse_args()


if __name__ == "__main__":
    main()
