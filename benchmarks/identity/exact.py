"""The guarded exact rule, run on one generated file and measured: a program.

python -m benchmarks.identity.exact DATA.parquet OUT.json
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.people import People, guarded
from benchmarks.rivals import grid
from benchmarks.rivals.stages import Stages, cpu_seconds, peak_mib


def measure(data: Path) -> dict[str, Any]:
    """Runs every stage and gives what OUT.json tells; the rule knows no threshold, so its only score is the best."""
    stages = Stages({"start": {"cpu_seconds": cpu_seconds(), "wall_seconds": 0.0}})
    started = time.perf_counter()
    people = stages.time("read", lambda: People.read_parquet(data))
    clusters = stages.time("rule", lambda: guarded(people))
    peak, wall = peak_mib(), time.perf_counter() - started
    return {
        "engine": {"guarded exact rule": ""},
        "data": data.name,
        "records": len(people),
        "stages": stages.taken,
        "cpu_seconds": stages.total("cpu_seconds"),
        "core_cpu_seconds": stages.taken["rule"]["cpu_seconds"],
        "wall_seconds": wall,
        "peak_mib": peak,
        "best": asdict(grid.score(0, people.truth, clusters)),
    }


def main(arguments: Sequence[str]) -> None:
    data, out = map(Path, arguments)
    out.write_text(json.dumps(measure(data), indent=2) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
