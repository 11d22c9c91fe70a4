"""The command: `python -m benchmarks.people --records 100000 --profile base --seed 1 --out people.parquet`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from time import process_time

import numpy as np

from benchmarks.people import PROFILES, People, ceiling, generate, guarded, unguarded
from benchmarks.people.table import TEXTS
from dedupe.evaluate import evaluate


def main() -> int:
    options = _options()
    begun = process_time()
    people = generate(options.records, PROFILES[options.profile], options.seed)
    seconds = process_time() - begun
    if options.out:
        people.write_parquet(options.out)
    print(f"made in      {seconds:.2f} CPU s")
    print(summary(people))
    return 0


def summary(people: People) -> str:
    """Counts, the share of missing values of each column, and how the rules do."""
    persons = len(np.unique(people.truth))
    fits = {rule.__name__: evaluate(rule(people), people.truth) for rule in (unguarded, guarded, ceiling)}
    lines = [
        f"records      {len(people):,}",
        f"people       {persons:,}",
        f"true pairs   {fits['guarded'].pairs.true:,}",
        "missing      " + ", ".join(f"{name} {_missing(people, name):.1%}" for name in TEXTS),
        f"{'':12} pair F1  precision  recall  B-cubed F1  clusters  largest",
    ]
    for name, fit in fits.items():
        pairs = fit.pairs
        lines.append(
            f"{name:12} {pairs.f1:7.3f}  {pairs.precision:9.3f}  {pairs.recall:6.3f}  {fit.bcubed.f1:10.3f}"
            f"  {fit.clusters:8}  {fit.largest:7}"
        )
    return "\n".join(lines)


def _missing(people: People, name: str) -> float:
    return float(np.mean(getattr(people, name) == ""))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.people", description=__doc__)
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--profile", choices=PROFILES, default="base")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, help="a parquet file; without it there is only the summary")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
