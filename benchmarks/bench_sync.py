"""Compares the movers of records: this hub, dlt and Singer, all reading one vendor into the same kind of database.

The vendor is our Zendesk simulator in a process of its own, walked once and then answering everybody from memory; the
bare loops tell how fast that can be read at all. Everybody writes the raw record as JSON beside its id and its change
time, upserted by id, and is timed as a whole process; `hub sync` also maps, resolves and makes golden contacts. Then,
for ours: the stages' shares, a vendor that takes 50 ms a page, kills, and second runs, which the others make too.

The rivals run where MOVERS_PYTHON and JSONL_PYTHON name interpreters that have them. PostgreSQL is that of
BENCH_POSTGRES (a URL whose user may create databases) or a server of our own. Prints one JSON document with versions,
settings and guarantees, and a table for people to stderr.

    make bench-sync                                      100,000 records, the median of 3: most of an hour on two cores
    make bench-sync ARGS="--records 10000 --runs 1"      three minutes
    make bench-sync ARGS="--no-rivals --databases sqlite --pages 1000 --parts loads"
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from benchmarks.identity.databases import KINDS, NoDatabase
from benchmarks.options import list_of, numbers
from benchmarks.sync import contenders, measures
from benchmarks.sync.databases import databases
from benchmarks.sync.market import Market, market
from benchmarks.sync.race import Figures, Race
from benchmarks.sync.report import table
from benchmarks.sync.versions import versions

PARTS = ("loads", "shares", "slow", "kills", "second_runs")
MILLISECONDS = 50


def main() -> None:
    wishes = _wishes()
    begun = os.getloadavg()[0]
    with ExitStack() as stack:
        work = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_FOLDER"))))
        vendor = stack.enter_context(market(wishes.records))
        races, absent = _races(wishes, vendor, work, stack)
        found = _measured(wishes, races)
    document = {
        "records": wishes.records,
        "runs": wishes.runs,
        "cores": os.cpu_count(),
        "load": {"begun": begun, "ended": os.getloadavg()[0]},
        "versions": versions(rivals=wishes.rivals),
        "settings": _settings(),
        "guarantees": {one.name: one.guarantee for one in contenders.CONTENDERS},
        "missing": [*absent, *(contenders.missing() if wishes.rivals else ["rivals: --no-rivals"])],
        **found,
    }
    print(json.dumps(document, indent=2))
    print(table(document), file=sys.stderr)


def _races(wishes: argparse.Namespace, vendor: Market, work: Path, stack: ExitStack) -> tuple[list[Race], list[str]]:
    races, absent = [], []
    for kind in wishes.databases:
        try:
            races.append(Race(vendor, stack.enter_context(databases(kind, work))))
        except NoDatabase as reason:
            absent.append(f"{kind}: {reason}")
    return races, absent


def _measured(wishes: argparse.Namespace, races: list[Race]) -> Figures:
    """The vendor's first change comes last: everything before reads it as it was."""
    found: dict[str, list[Figures]] = {part: [] for part in PARTS}
    kept: list[measures.Kept] = []
    for race in races:
        kind = race.databases.kind
        entered = contenders.entered(kind, rivals=wishes.rivals)
        left: measures.Kept = []
        for page in wishes.pages:
            where: dict[str, Any] = {"database": kind, "page": page}
            if "loads" in wishes.parts:
                for one in left:
                    race.over(one[1])
                figures, left = measures.loads(race, entered, page, wishes.runs)
                found["loads"].append(where | {"contenders": figures})
            if "shares" in wishes.parts:
                found["shares"].append(where | measures.shares(race, page))
            if "slow" in wishes.parts:
                found["slow"].append(where | measures.slow(race, page, MILLISECONDS))
            if "kills" in wishes.parts:
                found["kills"].append(where | {"kills": measures.kills(race, page)})
        kept.append(left)
    if "second_runs" in wishes.parts:
        for race, left in zip(races, kept, strict=True):
            page = wishes.pages[-1]
            told = measures.second_runs(race, left, page, wishes.runs)
            found["second_runs"].append({"database": race.databases.kind, "page": page, **told})
    return found


def _settings() -> dict[str, Any]:
    """How the rivals are tuned; dlt's are read from the file, for dlt itself is not here."""
    from benchmarks.rivals import dlt_sync

    return {"dlt": dlt_sync.SETTINGS, "dlt loads": dlt_sync.LOADING, "target-postgres": contenders.TARGET}


def _wishes() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=3, help="of which the median is told")
    parser.add_argument("--pages", type=numbers, default=[100, 1_000], help="largest pages; the last goes on")
    parser.add_argument("--databases", type=list_of(KINDS), default=list(KINDS), help="sqlite,postgres")
    parser.add_argument("--parts", type=list_of(PARTS), default=list(PARTS), help=",".join(PARTS))
    parser.add_argument("--no-rivals", dest="rivals", action="store_false", help="only ours and the bare loops")
    wishes = parser.parse_args()
    if "second_runs" in wishes.parts and "loads" not in wishes.parts:
        parser.error("second_runs go on from what loads have left: give both")
    return wishes


if __name__ == "__main__":
    main()
