"""Compares resolvers on the same records in one run: this hub's, Splink set up by an expert, and a guarded exact rule.

Each runs in a process of its own. Prints one JSON document, and a table for people to stderr. Splink runs where
RIVALS_PYTHON names an interpreter that has it, first training its model, then with the model it has saved; its score
is that at the threshold which is best for the very file. Ours are the shipped model at its shipped thresholds.
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
from typing import Any

from benchmarks.identity import labelled
from benchmarks.identity.report import table
from benchmarks.people import PROFILES, generate
from benchmarks.rivals.process import run_measured

ROOT = Path(__file__).parents[1]
RIVALS = os.environ.get("RIVALS_PYTHON", "")

Figures = dict[str, Any]


def main() -> None:
    wishes = _wishes()
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        files = [_compared(data, work) for data in _data(wishes, work)]
        increments = _increments(wishes, work) if wishes.increments else None
    document = {
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "files": files,
        "increments": increments,
    }
    print(json.dumps(document, indent=2))
    print(table(document), file=sys.stderr)


def _wishes() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=_numbers, default=[10_000, 100_000], help="records: 10000,100000,1000000")
    parser.add_argument("--profiles", type=_profiles, default=["base"], help="base,hard,clean")
    parser.add_argument(
        "--seeds", type=_numbers, default=[101], help="each makes files of its own; 1 and 11 to 13 were fitted on"
    )
    parser.add_argument("--labelled", type=Path, default=ROOT.parent / "shared" / "data", help="folder; may be missing")
    parser.add_argument("--increments", type=int, default=10_000, help="records in the store; 0 leaves this part out")
    parser.add_argument("--rounds", default="200,20,5", help="how many rounds of 1, 100 and 1,000 changes")
    return parser.parse_args()


def _numbers(text: str) -> list[int]:
    return [int(one) for one in text.split(",") if one]


def _profiles(text: str) -> list[str]:
    found = [one for one in text.split(",") if one]
    if unknown := set(found) - PROFILES.keys():
        raise argparse.ArgumentTypeError(f"no such profile: {', '.join(sorted(unknown))}")
    return found


def _data(wishes: argparse.Namespace, work: Path) -> Iterator[Path]:
    """Every file to compare on; the generated ones are made when their turn comes."""
    for records in wishes.sizes:
        for profile in wishes.profiles:
            for seed in wishes.seeds:
                file = work / f"{profile}-{records}-{seed}.parquet"
                generate(records, PROFILES[profile], seed).write_parquet(file)
                yield file
    yield from (file for name in labelled.FILES if (file := wishes.labelled / f"{name}.parquet").exists())


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


def _increments(wishes: argparse.Namespace, work: Path) -> Figures:
    out = work / "increments.json"
    _call(sys.executable, "benchmarks.identity.increments", str(wishes.increments), str(out), "--rounds", wishes.rounds)
    return _read(out)


def _run(python: str, module: str, data: Path, work: Path, *options: str) -> Figures:
    out = work / "out.json"
    _call(python, module, str(data), str(out), *options)
    return _read(out)


def _call(python: str, module: str, *arguments: str) -> None:
    """Runs a program of the benchmark from the project's folder. Exits when it fails: half a comparison is none."""
    measured = run_measured(["env", "-C", str(ROOT), python, "-m", module, *arguments])
    if measured.returncode:
        sys.exit(f"{module} {' '.join(arguments)} ended with {measured.returncode}")


def _read(out: Path) -> Figures:
    found: Figures = json.loads(out.read_text())
    out.unlink()
    return found


if __name__ == "__main__":
    main()
