"""Changed records through the real product on a real database, and how long the resolver takes for them: a program.

    python -m benchmarks.identity.increments RECORDS OUT.json [--database sqlite|postgres] [--rounds 200,20,5]

RECORDS generated contacts are landed and mapped, and then resolved; rounds of 1, 100 and 1,000 changes follow,
every other one a new record, the rest records whose person moved house and took a new number. Each of the three steps
is a process of its own, and everything is as durable as in service. Where PostgreSQL comes from: see `databases`.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.identity.databases import KINDS, NoDatabase, fresh
from benchmarks.identity.program import Figures, call, read
from benchmarks.people import PROFILES

STEPS = "benchmarks.identity.increment_steps"


def measure(wishes: argparse.Namespace) -> Figures:
    """What OUT.json tells; `missing` says why nothing was measured."""
    found: Figures = {"database": wishes.database, "records": wishes.records}
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_FOLDER")) as folder:
        work = Path(folder)
        try:
            with fresh(wishes.database, work) as url:
                return found | {"profile": wishes.profile, "seed": wishes.seed} | _steps(wishes, url, work)
        except NoDatabase as reason:
            return found | {"missing": str(reason)}


def _steps(wishes: argparse.Namespace, url: str, work: Path) -> Figures:
    options = ["--records", str(wishes.records), "--rounds", wishes.rounds]
    options += ["--profile", wishes.profile, "--seed", str(wishes.seed)]
    found = {}
    for step in ("land", "resolve", "change"):
        call(sys.executable, STEPS, step, url, str(work), *options)
        found[step] = read(work / f"{step}.json")
    return found


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(description="Changed records through the product's resolver, timed.")
    parser.add_argument("records", type=int)
    parser.add_argument("out", type=Path, help="JSON to write")
    parser.add_argument("--database", choices=KINDS, default="sqlite")
    parser.add_argument("--rounds", default="200,20,5", help="how many rounds of 1, 100 and 1,000 changes")
    parser.add_argument("--profile", choices=PROFILES, default="base")
    parser.add_argument("--seed", type=int, default=1)
    wishes = parser.parse_args(arguments)
    wishes.out.write_text(json.dumps(measure(wishes), indent=2) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
