"""Who moves the records: each contender's program, its settings, and what it guarantees. Nothing is run here."""

from __future__ import annotations

import json
import os
import shlex
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import make_url

from benchmarks.identity.program import ROOT
from benchmarks.sync.settings import configure

MOVERS = os.environ.get("MOVERS_PYTHON", "")
"""An interpreter with dlt, the Singer SDK and target-postgres."""

JSONL = os.environ.get("JSONL_PYTHON", "")
"""One with target-jsonl, whose jsonschema of 2017 goes with nothing else."""

TARGET = {
    "default_target_schema": "raw",
    "load_method": "upsert",
    "use_copy": True,
    "batch_size_rows": 20_000,
    "validate_records": False,
    "activate_version": False,
    "add_record_metadata": False,
}
"""How target-postgres is tuned."""


@dataclass(frozen=True)
class Stand:
    """Where one contender works: the vendor and its database as URLs, and a folder of its own."""

    vendor: str
    kind: str
    database: str
    folder: Path


@dataclass(frozen=True)
class Contender:
    """`table` holds what was landed, by kind of database; none for one that keeps its rows elsewhere.

    `goes_on`: a second run reads only what has changed. `python`: "" where its interpreter is missing.
    """

    name: str
    guarantee: str
    command: Callable[[Stand], list[str]]
    table: Mapping[str, str]
    kinds: tuple[str, ...] = ("sqlite", "postgres")
    goes_on: bool = True
    python: str = sys.executable


def module(python: str, name: str, *arguments: object) -> list[str]:
    return ["env", "-C", str(ROOT), python, "-W", "ignore", "-m", name, *map(str, arguments)]


def _bare(way: str) -> Callable[[Stand], list[str]]:
    return lambda stand: module(sys.executable, "benchmarks.sync.bare", way, stand.vendor, stand.database)


def ours(way: str) -> Callable[[Stand], list[str]]:
    return lambda stand: module(sys.executable, "benchmarks.sync.ours", way, _config(stand), stand.folder / "out.json")


def _sync(stand: Stand) -> list[str]:
    return module(sys.executable, "hub.cli.commands", "-c", _config(stand), "--json", "sync")


def _config(stand: Stand) -> Path:
    return configure(stand.folder, stand.vendor, stand.database)


def _dlt(way: str) -> Callable[[Stand], list[str]]:
    return lambda stand: module(
        MOVERS, "benchmarks.rivals.dlt_sync", way, stand.vendor, stand.database, stand.folder / "pipelines"
    )


def _singer(target: Callable[[Stand], str]) -> Callable[[Stand], list[str]]:
    """The tap into a target; the state that the target has given out is where the next run goes on."""

    def command(stand: Stand) -> list[str]:
        folder = stand.folder
        (folder / "tap.json").write_text(json.dumps({"vendor": stand.vendor}))
        state = ["--state", folder / "state.json"] if (folder / "state.json").exists() else []
        tap = shlex.join(module(MOVERS, "benchmarks.rivals.singer_tap", "--config", folder / "tap.json", *state))
        return ["sh", "-c", PIPE.format(tap=tap, target=target(stand)), "pipe", str(folder)]

    return command


def _to_postgres(stand: Stand) -> str:
    url = make_url(stand.database)
    reached = {"host": url.host, "port": url.port, "user": url.username, "password": url.password}
    config = stand.folder / "target.json"
    config.write_text(json.dumps({**TARGET, **reached, "database": url.database}))
    return shlex.join([str(Path(MOVERS).with_name("target-postgres")), "--config", str(config)])


def _to_jsonl(stand: Stand) -> str:
    config = stand.folder / "target.json"
    config.write_text(json.dumps({"destination_path": str(stand.folder)}))
    return shlex.join([str(Path(JSONL).with_name("target-jsonl")), "--config", str(config)])


PIPE = """
export LOGLEVEL=ERROR
{{ {tap} || touch "$1/failed"; }} | {target} > "$1/states" || exit 1
[ ! -e "$1/failed" ] || exit 1
[ ! -s "$1/states" ] || tail -n 1 "$1/states" > "$1/state.json"
"""
"""A shell hears of the target's end only. A target that has flushed nothing gives out no state."""

OUR_ROWS = {"sqlite": "landed_record", "postgres": "landed_record"}
DLT_ROWS = {"sqlite": "users", "postgres": "raw.users"}
DLT = (
    "the load package is the checkpoint: the cursor is kept with it after everything was extracted, so that a kill "
    "while extracting reads all again; merged by id, the last one read wins; schema evolution"
)
CONTENDERS = (
    Contender("bare: fetch and parse", "nothing: every page is thrown away", _bare("fetch"), {}, goes_on=False),
    Contender(
        "bare: raw JSON upserted",
        "rows and cursor in one commit a page; older never overwrites newer; no lease, no history, no counts",
        _bare("land"),
        {"sqlite": "raw", "postgres": "raw"},
        goes_on=False,
    ),
    Contender(
        "ours: landing",
        "rows, cursor, counts and renewed lease in one commit a group; older never overwrites newer, and every "
        "version that was seen is kept; synchronous commit",
        ours("land"),
        OUR_ROWS,
        goes_on=False,
    ),
    Contender(
        "ours: landing + mapping",
        "the same commit also holds the mapped record, its addresses, the evidence of consent and what is quarantined",
        ours("map"),
        OUR_ROWS,
        goes_on=False,
    ),
    Contender(
        "ours: hub sync",
        "the whole road: also who is who, golden contacts with provenance, consent, segments, and the plan to push",
        _sync,
        OUR_ROWS,
    ),
    Contender("dlt: rest_api", DLT, _dlt("rest_api"), DLT_ROWS, python=MOVERS),
    Contender("dlt: Arrow resource", DLT, _dlt("arrow"), DLT_ROWS, python=MOVERS),
    Contender("dlt: rest_api, columns", DLT + "; typed columns", _dlt("columns"), DLT_ROWS, python=MOVERS),
    Contender(
        "Singer: tap | target-postgres",
        "upsert by id; the tap's STATE passes through the target after its batch: whoever keeps it may go on there",
        _singer(_to_postgres),
        {"postgres": "raw.users"},
        kinds=("postgres",),
        python=MOVERS,
    ),
    Contender(
        "Singer: tap | target-jsonl",
        "a file that is appended to; STATE as above",
        _singer(_to_jsonl),
        {},
        kinds=("sqlite",),
        python=MOVERS and JSONL,
    ),
)
NO_SQLITE_TARGET = (
    "Singer into SQLite: there is no target for it on a Python of today (target-sqlite 0.2.0 ends at 3.9), so that "
    "beside SQLite the tap writes a JSONL file"
)


def missing() -> list[str]:
    """What is left out for want of an interpreter, and a target that nobody has."""
    absent = [
        f"{one.name}: not installed; `make bench-sync` makes its environment" for one in CONTENDERS if not one.python
    ]
    return [*absent, NO_SQLITE_TARGET]


def entered(kind: str, *, rivals: bool) -> list[Contender]:
    """Those who write to this kind of database and can be run here."""
    return [one for one in CONTENDERS if kind in one.kinds and one.python and (rivals or one.python == sys.executable)]
