"""Changed records through the real product on SQLite on disk, and how long the resolver takes for them: a program.

    python -m benchmarks.identity.increments RECORDS OUT.json [--rounds 200,20,5] [--profile base] [--seed 1]

RECORDS generated contacts are landed, mapped and resolved; then come rounds of 1, 100 and 1,000 changes, every other
one a new record, the rest records whose person moved house and took a new number. What is timed is a resolver that
holds its lease, as a worker does: from records that are marked to a partition that is committed, durable as in service.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.identity.generated import ADDRESS, person_of
from benchmarks.people import PROFILES, generate
from benchmarks.people.table import TEXTS
from benchmarks.rivals.stages import cpu_seconds, peak_mib
from connectors.kit.base import Record
from dedupe.engine.weights import load
from hub.stages.land import arrivals, land
from hub.stages.map import map_changes
from hub.stages.place import Place
from hub.stages.resolve import Resolver
from hub.store.engine import Store, open_store
from hub.store.migrate import prepare
from mapping.models import Mapped

Row = dict[str, str]

SIZES = (1, 100, 1_000)
LANDED_AT_ONCE = 1_000
SEED_OF_CHANGES = 7
SPARE = 4
"""Records generated for each new one that arrives: one more for each that moves, and some that say nothing new."""


def measure(records: int, profile: str, seed: int, rounds: Sequence[int], store: Store) -> dict[str, Any]:
    """Loads the store and times each round. `rounds`: how many of each of SIZES.

    ValueError where the rounds would move more records than there are.
    """
    arriving = math.ceil(sum(size * many for size, many in zip(SIZES, rounds, strict=True)) / 2)
    if arriving > records:
        raise ValueError(f"the rounds move {arriving} of {records} records")
    rows = _rows(records + SPARE * arriving, profile, seed)
    loaded, spare = rows[:records], rows[records:]
    first = _loading(store, loaded)
    changes = _changes(loaded, spare)
    with Resolver(store, load()) as resolver:
        resolver.drain()
        timed = {
            str(size): _timed(store, resolver, changes, size, many)
            for size, many in zip(SIZES, rounds, strict=True)
            if many
        }
    return {
        "records": records,
        "profile": profile,
        "seed": seed,
        "load": first,
        "rounds": timed,
        "peak_mib": peak_mib(),
    }


def _rows(count: int, profile: str, seed: int) -> list[Row]:
    people = generate(count, PROFILES[profile], seed)
    columns = (getattr(people, name).tolist() for name in TEXTS)
    return [dict(zip(TEXTS, values, strict=True)) for values in zip(*columns, strict=True)]


def _changes(loaded: Sequence[Row], spare: Sequence[Row]) -> Iterator[Row]:
    """By turns a new record, and a loaded one with the address and the number of somebody else; each changes something.

    StopIteration where there are no more.
    """
    movers = np.random.default_rng(SEED_OF_CHANGES).permutation(len(loaded)).tolist()
    others = iter(spare)
    for mover in movers:
        yield next(others)
        yield next(moved for row in others if (moved := _moved(loaded[mover], row)) != loaded[mover])


def _moved(row: Row, other: Row) -> Row:
    return row | {name: other[name] for name in (*ADDRESS, "phone")}


def _loading(store: Store, rows: Sequence[Row]) -> dict[str, float]:
    landing = time.perf_counter()
    for begin in range(0, len(rows), LANDED_AT_ONCE):
        _land(store, rows[begin : begin + LANDED_AT_ONCE])
    resolving, cpu = time.perf_counter(), cpu_seconds()
    with Resolver(store, load()) as resolver:
        resolver.drain()
    ended = time.perf_counter()
    return {
        "landing_seconds": resolving - landing,
        "resolving_seconds": ended - resolving,
        "resolving_cpu_seconds": cpu_seconds() - cpu,
        "resolved_per_second": len(rows) / (ended - resolving),
    }


def _land(store: Store, rows: Sequence[Row]) -> None:
    """Land and map as a pull does, one transaction for each source."""
    by_system: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_system[row["system"]].append(row)
    for system, own in by_system.items():
        place = Place("bench", system, "people")
        arriving, _ = arrivals(Record(row["external_id"], row) for row in own)
        mapped = {one.content_hash: Mapped("person", person_of(row)) for one, row in zip(arriving, own, strict=True)}

        def work(db: Any, place: Place = place, arriving: Any = arriving, mapped: Any = mapped) -> None:
            landing = land(db, place, arriving, datetime.now(UTC))
            map_changes(db, place, landing.changes, mapped)

        store.write(work)


def _timed(store: Store, resolver: Resolver, changes: Iterator[Row], size: int, rounds: int) -> dict[str, float]:
    """Milliseconds of the rounds. Raises RuntimeError where not every change had to be resolved."""
    taken, cpu = [], 0.0
    for _ in range(rounds):
        _land(store, [next(changes) for _ in range(size)])
        begun, spent = time.perf_counter(), cpu_seconds()
        done = resolver.drain().records
        taken.append((time.perf_counter() - begun) * 1_000)
        cpu += cpu_seconds() - spent
        if done != size:
            raise RuntimeError(f"{done} records were resolved where {size} had changed")
    return {
        "rounds": rounds,
        "p50_ms": _percentile(taken, 50),
        "p99_ms": _percentile(taken, 99),
        "cpu_ms": cpu * 1_000 / rounds,
    }


def _percentile(taken: Sequence[float], percent: int) -> float:
    """The nearest rank: always a time that was taken; of few rounds, p99 is the longest."""
    return sorted(taken)[math.ceil(len(taken) * percent / 100) - 1]


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(description="Changed records through the product's resolver, timed.")
    parser.add_argument("records", type=int)
    parser.add_argument("out", type=Path, help="JSON to write")
    parser.add_argument("--rounds", default="200,20,5", help="how many rounds of 1, 100 and 1,000 changes")
    parser.add_argument("--profile", choices=PROFILES, default="base")
    parser.add_argument("--seed", type=int, default=1)
    wishes = parser.parse_args(arguments)
    rounds = [int(one) for one in wishes.rounds.split(",")]
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_FOLDER")) as folder:
        store = open_store(f"sqlite:///{folder}/hub.db")
        prepare(store)
        found = measure(wishes.records, wishes.profile, wishes.seed, rounds, store)
        store.close()
    wishes.out.write_text(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
