"""One step of the measurement of increments, alone in its process so that its peak is its own: a program.

    python -m benchmarks.identity.increment_steps land|resolve|change URL FOLDER [--records 10000] [--rounds 200,20,5]

`land` lands and maps generated records and leaves the changes to come in FOLDER; `resolve` resolves all that waits;
`change` lands change after change and times a resolver that holds its lease, as a worker does: from records that are
marked to a partition that is committed. Each writes its figures to FOLDER/STEP.json.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from benchmarks.identity.changes import Arrivals, Row, batches, land_rows, save, saved
from benchmarks.people import PROFILES
from benchmarks.rivals.stages import cpu_seconds, peak_mib
from dedupe.engine.weights import load
from hub.stages.resolve import Resolver
from hub.store.engine import Store, open_store
from hub.store.migrate import prepare

SIZES = (1, 100, 1_000)
LANDED_AT_ONCE = 1_000
CHANGES = "changes.jsonl"

Figures = dict[str, Any]
Rounds = Sequence[int]
"""How many of each of SIZES."""


def landing(store: Store, arrivals: Arrivals, changes: Path) -> Figures:
    """Seconds of landing the first load."""

    def work() -> int:
        return sum(_landed(store, some) for some in batches(arrivals.loaded(), LANDED_AT_ONCE))

    save(arrivals.changes(), changes)
    return _measured(work)


def resolving(store: Store) -> Figures:
    def work() -> int:
        with Resolver(store, load()) as resolver:
            return resolver.drain().records

    return _measured(work)


def changing(store: Store, changes: Path, rounds: Rounds) -> Figures:
    rows = saved(changes)
    with Resolver(store, load()) as resolver:
        resolver.drain()
        timed = {
            str(size): _timed(store, resolver, rows, size, many)
            for size, many in zip(SIZES, rounds, strict=True)
            if many
        }
    return {"rounds": timed, "peak_mib": peak_mib()}


def arriving(rounds: Rounds) -> int:
    """How many new records the rounds need; as many others move."""
    return math.ceil(sum(size * many for size, many in zip(SIZES, rounds, strict=True)) / 2)


def _landed(store: Store, rows: Sequence[Row]) -> int:
    land_rows(store, rows)
    return len(rows)


def _measured(work: Callable[[], int]) -> Figures:
    """CPU seconds are those of this process: a database server has its own."""
    wall, cpu = time.perf_counter(), cpu_seconds()
    records = work()
    wall, cpu = time.perf_counter() - wall, cpu_seconds() - cpu
    return {"records": records, "wall_seconds": wall, "cpu_seconds": cpu, "peak_mib": peak_mib()}


def _timed(store: Store, resolver: Resolver, changes: Iterator[Row], size: int, rounds: int) -> Figures:
    """Milliseconds of the rounds. Raises RuntimeError where not every change had to be resolved."""
    taken, cpu = [], 0.0
    for _ in range(rounds):
        land_rows(store, list(islice(changes, size)))
        begun, spent = time.perf_counter(), cpu_seconds()
        done = resolver.drain().records
        taken.append((time.perf_counter() - begun) * 1_000)
        cpu += cpu_seconds() - spent
        if done != size:
            raise RuntimeError(f"{done} records were resolved where {size} had changed")
    return {
        "rounds": rounds,
        "p50_ms": percentile(taken, 50),
        "p99_ms": percentile(taken, 99),
        "cpu_ms": cpu * 1_000 / rounds,
    }


def percentile(taken: Sequence[float], percent: int) -> float:
    """The nearest rank: always a time that was taken; of few rounds, p99 is the longest."""
    return sorted(taken)[math.ceil(len(taken) * percent / 100) - 1]


def rounds_of(text: str) -> list[int]:
    """Raises ValueError where it is not one number for each of SIZES."""
    found = [int(one) for one in text.split(",")]
    if len(found) != len(SIZES) or min(found) < 0:
        raise ValueError(f"{text!r} is not {len(SIZES)} numbers of rounds")
    return found


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(description="One step of the measurement of increments.")
    parser.add_argument("step", choices=("land", "resolve", "change"))
    parser.add_argument("url")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--records", type=int, default=10_000)
    parser.add_argument("--rounds", type=rounds_of, default=(200, 20, 5))
    parser.add_argument("--profile", choices=PROFILES, default="base")
    parser.add_argument("--seed", type=int, default=1)
    wishes = parser.parse_args(arguments)
    store = open_store(wishes.url)
    prepare(store)
    found = _step(store, wishes)
    store.close()
    (wishes.folder / f"{wishes.step}.json").write_text(json.dumps(found) + "\n")


def _step(store: Store, wishes: argparse.Namespace) -> Figures:
    changes = wishes.folder / CHANGES
    if wishes.step == "land":
        people = Arrivals(wishes.records, arriving(wishes.rounds), wishes.profile, wishes.seed)
        return landing(store, people, changes)
    return resolving(store) if wishes.step == "resolve" else changing(store, changes, wishes.rounds)


if __name__ == "__main__":
    main(sys.argv[1:])
