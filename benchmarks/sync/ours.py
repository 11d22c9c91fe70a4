"""This hub's ways of moving records, as programs: only landing, landing with mapping, and the shares of the whole road.

    python -m benchmarks.sync.ours land|map|shares CONFIG OUT.json

All three go through the product's own runner: its lease, its heart, its pages ahead, its groups, the cursor in the
commit of its group. `land` leaves out what a pull does after landing (mapping, consent, quarantine, the look at
fields): no command does that, it is there to be set beside those who only land. `map` is the pull stage of `hub sync`.
`shares` is the whole of `hub sync`, with a clock at each stage; OUT.json tells them.
"""

from __future__ import annotations

import json
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

from sqlalchemy import Connection

from benchmarks.rivals.stages import cpu_seconds, peak_mib
from benchmarks.sync.clocks import Clocks
from benchmarks.sync.settings import CONNECTION
from connectors.kit.base import Cursor
from hub.jobs import pulling
from hub.jobs.ends import Quiet
from hub.jobs.inline import Runner
from hub.jobs.rounds import sync_round
from hub.settings.load import Settings, load
from hub.stages import runs
from hub.stages.land import Arrival, arrivals, land
from hub.stages.order import check_installation
from hub.stages.pull import Fetched, Pull, Wish
from hub.stages.runs import Buckets
from hub.store.engine import Store, open_store
from hub.store.leases import renew
from hub.store.migrate import prepare

PARTS = {
    "fetch and parse": ("connectors.zendesk.source:ZendeskSource.pull",),
    "canonical text": ("hub.stages.pull:arrivals",),
    "map": ("hub.stages.pull:Pull._map_ahead",),
    "land": ("hub.stages.pull:land",),
    "keep mapped": ("hub.stages.pull:map_changes",),
    "consent evidence": ("hub.stages.pull:take_in_evidence",),
    "pull, all else": ("hub.stages.pull:Pull.run",),
    "resolve": ("hub.stages.order:resolve_all",),
    "golden": ("hub.stages.order:golden_all",),
    "consent": ("hub.stages.order:consent_all", "hub.jobs.rounds:consent_all"),
    "segments": ("hub.stages.order:segment_all", "hub.jobs.rounds:segment_all"),
    "plan and push": ("hub.jobs.rounds:push_what_may_go",),
}
"""What is timed, by the names under which the product calls it. A pull's own share is mostly commits, and waiting."""

AHEAD = ("fetch and parse",)
"""Runs in a thread of its own beside the rest, so that its wall time is no part of theirs."""


class LandOnly(Pull):
    """A pull that lands its groups and leaves them unmapped."""

    def _remap_if_changed(self) -> bool:
        return True

    def _commit(self, group: list[Fetched], cursor: Cursor | None) -> None:
        arriving, _ = arrivals(record for one in group for record in one.page.records)
        self.buckets += self.store.write(lambda db: self._land(db, arriving, cursor))
        self.progress(self.buckets, None)

    def _land(self, db: Connection, arriving: list[Arrival], cursor: Cursor | None) -> Buckets:
        renew(db, self.held)
        landing = land(db, self.place, arriving, datetime.now(UTC))
        if cursor is not None:
            runs.save_cursor(db, self.place, cursor)
        applied = len(landing.changes)
        return Buckets(len(arriving), applied, landing.unchanged, landing.superseded)


def pull(settings: Settings, store: Store) -> dict[str, Any]:
    connection = settings.connections[CONNECTION]
    users = next(stream for stream in connection.streams if stream.name == "users")
    end = Runner(store, settings, Quiet()).run(connection, users, Wish())
    if end.status != "ok":
        sys.exit(f"the pull ended {end.status}: {end.message}")
    return {"records": end.buckets.fetched}


def only_landing(settings: Settings, store: Store) -> dict[str, Any]:
    with patch.object(pulling, "Pull", LandOnly):
        return pull(settings, store)


def shares(settings: Settings, store: Store) -> dict[str, Any]:
    clocks = Clocks()
    with clocks.watching(PARTS):
        done = sync_round(store, settings)
    if worst := [end.message for end in done.ends if end.status != "ok"]:
        sys.exit(f"the round ended badly: {worst[0]}")
    records = sum(end.buckets.fetched for end in done.ends)
    return {"records": records, "parts": clocks.taken, "remarks": sum(end.buckets.remarks for end in done.ends)}


WAYS = {"land": only_landing, "map": pull, "shares": shares}


def main(way: str, config: Path, out: Path) -> None:
    started = cpu_seconds()
    settings = load(config)
    store = open_store(settings.database_url)
    prepare(store)
    check_installation(store, settings)
    ready, wall = cpu_seconds(), time.perf_counter()
    found = WAYS[way](settings, store)
    wall, cpu = time.perf_counter() - wall, cpu_seconds() - ready
    store.close()
    figures = {"imports_cpu_seconds": started, "opening_cpu_seconds": ready - started, "peak_mib": peak_mib()}
    out.write_text(json.dumps({**found, "wall_seconds": wall, "cpu_seconds": cpu, **figures}) + "\n")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
