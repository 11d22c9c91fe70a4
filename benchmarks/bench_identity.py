"""Compares resolvers on the same records in one run: this hub's, Splink set up by an expert, and a guarded exact rule.

Each runs in a process of its own. Prints one JSON document, and a table for people to stderr. Splink runs where
RIVALS_PYTHON names an interpreter that has it, first training its model, then with the model it has saved; its score
is that at the threshold which is best for the very file. Ours are the shipped model at its shipped thresholds; for the
labelled files also weights that never saw the file. Then changes are made in stores on SQLite and PostgreSQL, that of
BENCH_POSTGRES (a URL whose user may create databases) or a server of our own.

    make bench-identity                                       10,000 and 100,000 records: five minutes on two cores
    make bench-identity ARGS="--full"                         up to 1,000,000 records, increments at 100,000 and
                                                              1,000,000: about half an hour
    make bench-identity ARGS="--sizes 10000 --increments ''"  a minute
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.identity import labelled
from benchmarks.identity.databases import KINDS
from benchmarks.identity.growth import growth
from benchmarks.identity.program import ROOT, Figures, call, read
from benchmarks.identity.report import table
from benchmarks.options import list_of, numbers
from benchmarks.people import PROFILES, generate

RIVALS = os.environ.get("RIVALS_PYTHON", "")


def main() -> None:
    wishes = _wishes()
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        files = [_compared(data, work) for data in _data(wishes, work)]
        left_out = _left_out(wishes, work)
        increments = [
            _increments(database, records, wishes.rounds, work)
            for database in wishes.databases
            for records in wishes.increments
        ]
    document = {
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "files": files,
        "leave_one_out": left_out,
        "increments": increments,
        "growth": growth(increments),
    }
    print(json.dumps(document, indent=2))
    print(table(document), file=sys.stderr)


def _wishes() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--full", action="store_true", help="other defaults for --sizes and --increments: see above")
    parser.add_argument("--sizes", type=numbers, help="records: 10000,100000,1000000")
    parser.add_argument("--profiles", type=list_of(PROFILES), default=["base"], help="base,hard,clean")
    parser.add_argument(
        "--seeds", type=numbers, default=[101], help="each makes files of its own; 1 and 11 to 13 were fitted on"
    )
    parser.add_argument("--labelled", type=Path, default=ROOT.parent / "shared" / "data", help="folder; may be missing")
    parser.add_argument("--increments", type=numbers, help="records in the stores; '' leaves this part out")
    parser.add_argument("--databases", type=list_of(KINDS), default=list(KINDS), help="sqlite,postgres")
    parser.add_argument("--rounds", default="200,20,5", help="how many rounds of 1, 100 and 1,000 changes")
    wishes = parser.parse_args()
    if wishes.sizes is None:
        wishes.sizes = [10_000, 100_000, 1_000_000] if wishes.full else [10_000, 100_000]
    if wishes.increments is None:
        wishes.increments = [100_000, 1_000_000] if wishes.full else [10_000, 100_000]
    return wishes


def _data(wishes: argparse.Namespace, work: Path) -> Iterator[Path]:
    """Every file to compare on; the generated ones are made when their turn comes."""
    for records in wishes.sizes:
        for profile in wishes.profiles:
            for seed in wishes.seeds:
                file = work / f"{profile}-{records}-{seed}.parquet"
                generate(records, PROFILES[profile], seed).write_parquet(file)
                yield file
    yield from _labelled(wishes)


def _labelled(wishes: argparse.Namespace) -> list[Path]:
    return [file for name in labelled.FILES if (file := wishes.labelled / f"{name}.parquet").exists()]


def _compared(data: Path, work: Path) -> Figures:
    """All engines on one file. `core_ratio`: their core CPU seconds over ours."""
    is_labelled = data.stem in labelled.FILES
    ours = _run(sys.executable, "benchmarks.identity.ours", data, work, *(["--best"] if is_labelled else []))
    engines = {"ours": ours}
    if not is_labelled:
        engines["exact"] = _run(sys.executable, "benchmarks.identity.exact", data, work)
    if RIVALS:
        model = str(work / f"{data.stem}.model.json")
        engines["splink, trained"] = _splink(data, work, "--save-model", model)
        engines["splink, saved model"] = _splink(data, work, "--model", model)
    ratio = {
        name: one["core_cpu_seconds"] / ours["core_cpu_seconds"] for name, one in engines.items() if name != "ours"
    }
    records, people = ours["records"], ours["people"]
    return {"data": data.stem, "records": records, "people": people, "engines": engines, "core_ratio": ratio}


def _splink(data: Path, work: Path, *options: str) -> Figures:
    found = _run(RIVALS, "benchmarks.rivals.splink_expert", data, work, *options)
    core = sum(taken["cpu_seconds"] for name, taken in found["stages"].items() if name != "start")
    return {name: value for name, value in found.items() if name != "grid"} | {"core_cpu_seconds": core}


def _left_out(wishes: argparse.Namespace, work: Path) -> Figures | None:
    if not _labelled(wishes):
        return None
    return _run(sys.executable, "benchmarks.identity.leave_one_out", wishes.labelled, work)


def _increments(database: str, records: int, rounds: str, work: Path) -> Figures:
    out = work / "increments.json"
    options = ("--database", database, "--rounds", rounds)
    call(sys.executable, "benchmarks.identity.increments", str(records), str(out), *options)
    return read(out)


def _run(python: str, module: str, data: Path, work: Path, *options: str) -> Figures:
    out = work / "out.json"
    call(python, module, str(data.absolute()), str(out), *options)
    return read(out)


if __name__ == "__main__":
    main()
