"""This hub's engine with its shipped model, run on one file and measured: a program.

    python -m benchmarks.identity.ours DATA.parquet OUT.json [--best]

DATA is a file of the generator or one of the labelled ones. The stages: `start` (interpreter, imports, model), `read`
(the file as columns of texts), `map` (normalised values, as landing leaves them), and the core: `features`, `prepare`,
`popular`, `automatic`; then `likely`, the same records resolved as if the review band were merged. `automatic` is what
becomes contacts and comes first, while every cache is cold. Each distinct value is mapped and made comparable once.
`band` counts the judged pairs between the two thresholds, `questions` those of them, and of pairs in conflict above,
that no contact has brought together: what people would be asked. Nothing here makes cycles, so Python's search for
them is off: among millions of values it takes a third of the time.

With `--best` the *likely* partition is also made at every threshold of a grid, as is done for the other engines.
"""

from __future__ import annotations

import argparse
import gc
import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.identity import generated, labelled
from benchmarks.people.table import Whole
from benchmarks.rivals import grid
from benchmarks.rivals.stages import Stages, cpu_seconds, peak_mib
from dedupe.engine.coding import Hashes
from dedupe.engine.resolving import Prepared, Resolved, popular_in, prepare, resolve
from dedupe.engine.table import Columns
from dedupe.engine.weights import Model, load

CORE = ("features", "prepare", "popular", "automatic")
BIT = 1_000
THRESHOLDS = range(-6_000, 12_001, 500)
"""Between which the best threshold is sought, in thousandths of a bit."""


def measure(data: Path, seek_best: bool) -> dict[str, Any]:
    """Runs every stage and gives what OUT.json tells."""
    started, stages = time.perf_counter(), Stages()
    model = load()
    stages.taken["start"] = {"cpu_seconds": cpu_seconds(), "wall_seconds": time.perf_counter() - started}
    columns, truth = _columns(data, stages)
    ready = stages.time("prepare", partial(prepare, columns))
    del columns
    popular = stages.time("popular", lambda: popular_in(ready, model))
    found = stages.time("automatic", lambda: resolve(ready, popular, model))
    told = {"pairs": len(found.judged.pairs), "nodes": len(found.nodes.firsts), **_reviews(found, model)}
    automatic = found.labels
    del found
    likely = stages.time("likely", lambda: resolve(ready, popular, model, likely=True)).labels
    peak = peak_mib()
    return {
        "engine": {"contact-hub": model.version},
        "data": data.name,
        "records": len(truth),
        "people": len(np.unique(truth)),
        **told,
        "stages": stages.taken,
        "cpu_seconds": stages.total("cpu_seconds") - stages.taken["likely"]["cpu_seconds"],
        "core_cpu_seconds": sum(stages.taken[name]["cpu_seconds"] for name in CORE),
        "wall_seconds": stages.total("wall_seconds") - stages.taken["likely"]["wall_seconds"],
        "peak_mib": peak,
        "automatic": asdict(grid.score(model.automatic / BIT, truth, automatic)),
        "likely": asdict(grid.score(model.likely / BIT, truth, likely)),
        "best": asdict(_best(ready, popular, model, truth)) if seek_best else None,
    }


def _columns(data: Path, stages: Stages) -> tuple[Columns, Whole]:
    if _is_generated(data):
        return generated.columns_of(data, partial(_time, stages))
    rows, truth = stages.time("read", lambda: labelled.read(data))
    people = stages.time("map", lambda: labelled.mapped(rows))
    return stages.time("features", lambda: labelled.people_columns(people)), truth


def _time(stages: Stages, name: str, work: Callable[[], Any]) -> Any:
    """A part of a stage, added to those before."""
    before = stages.taken.get(name, {})
    done = stages.time(name, work)
    stages.taken[name] = {unit: taken + before.get(unit, 0) for unit, taken in stages.taken[name].items()}
    return done


def _is_generated(data: Path) -> bool:
    import pyarrow.parquet as pq

    return "external_id" in pq.read_schema(data).names


def _reviews(found: Resolved, model: Model) -> dict[str, int]:
    judged, labels = found.judged, found.clusters.labels
    between = (judged.weights >= model.likely) & (judged.weights < model.automatic)
    doubtful = between | (judged.conflict & (judged.weights >= model.automatic))
    asked = doubtful & (labels[judged.pairs.left] != labels[judged.pairs.right])
    return {"band": int(between.sum()), "questions": int(asked.sum())}


def _best(ready: Prepared, popular: Hashes, model: Model, truth: Whole) -> grid.Score:
    scores = []
    for threshold in THRESHOLDS:
        labels = resolve(ready, popular, replace(model, likely=threshold), likely=True).labels
        scores.append(grid.score(threshold / BIT, truth, labels))
    return grid.best(scores)


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(description="This hub's engine with its shipped model, measured.")
    parser.add_argument("data", type=Path, help="Parquet of person records with a column `truth`")
    parser.add_argument("out", type=Path, help="JSON to write")
    parser.add_argument("--best", action="store_true", help="also look for the best threshold")
    wishes = parser.parse_args(arguments)
    gc.disable()
    wishes.out.write_text(json.dumps(measure(wishes.data, wishes.best), indent=2) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
