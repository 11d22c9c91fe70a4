"""How well weights do on a labelled file that had no part in them: a program.

    python -m benchmarks.identity.leave_one_out FOLDER OUT.json [--records 20000]

The shipped weights were fitted with the labelled files in FOLDER in sight, so their figures there are not wholly fair.
Here the weights of each file come from generated records and from the other labelled files alone. Training is that of
the product, in two steps: from a model without a single weight to one fitted on generated records, and from that one,
to which it is anchored, to one fitted on the generated records and the other files together. What remains of the
shipped model are the comparisons and their contexts, the thresholds, caps and limits; the prior is the one at which
the model expects as many pairs of one person among the generated candidates as there are. A level that nothing seen
has weighs nothing.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from scipy.special import expit

from benchmarks.identity import labelled
from benchmarks.identity.changes import row_of
from benchmarks.identity.generated import person_of
from benchmarks.identity.ours import THRESHOLDS
from benchmarks.people import PROFILES, generate
from benchmarks.people.table import Whole
from benchmarks.rivals import grid
from dedupe.engine.levels import COMPARISONS
from dedupe.engine.resolving import Prepared, popular_in, prepare, resolve
from dedupe.engine.weights import Model, load
from dedupe.training import ANCHOR_OF_TRUTH, Labelled, from_labels
from dedupe.training_design import BIT, NAT, STEP

SEED = 31
"""Of the generated records: neither one that the shipped weights were fitted on, nor one that is measured on."""

RECORDS = 20_000
PRIORS = range(-20 * BIT, 20 * BIT, STEP)


@dataclass(frozen=True, slots=True)
class Source:
    """Records with their persons, in stable order."""

    ready: Prepared
    truth: Whole

    def pairs(self, model: Model) -> Labelled:
        """All candidate pairs; where a node has records of several people, its first one counts."""
        found = resolve(self.ready, popular_in(self.ready, model), model)
        persons = self.truth[found.nodes.firsts]
        return Labelled(found.judged.levels, persons[found.judged.pairs.left] == persons[found.judged.pairs.right])

    def likely(self, model: Model) -> grid.Score:
        found = resolve(self.ready, popular_in(self.ready, model), model, likely=True)
        return grid.score(model.likely / BIT, self.truth, found.labels)

    def best(self, model: Model) -> grid.Score:
        return grid.best([self.likely(replace(model, likely=threshold)) for threshold in THRESHOLDS])


def measure(files: Mapping[str, Path], records: int) -> dict[str, Any]:
    """For each file its *likely* partition: with the shipped weights, with those that never saw it, and with those of
    generated records alone. `left_out_best` is at the threshold that is best for the file, as is taken for others."""
    made, others = _generated(records), {name: _labelled(path) for name, path in files.items()}
    start = from_generated(made)
    rows = []
    for name, own in others.items():
        left_out = from_others(start, [made, *(other for of, other in others.items() if of != name)])
        rows.append(
            {
                "data": name,
                "shipped": asdict(own.likely(load())),
                "left_out": asdict(own.likely(left_out)),
                "left_out_best": asdict(own.best(left_out)),
                "generated_alone": asdict(own.likely(start)),
            }
        )
    return {"generated": {"records": records, "seed": SEED}, "files": rows}


def from_generated(made: Source) -> Model:
    """The weights that generated records alone give, with a prior that fits them."""
    nothing = without_weights(load())
    pairs = made.pairs(nothing)
    return _calibrated(from_labels(nothing, pairs, pairs.levels, 0, "generated"), pairs)


def from_others(start: Model, known: Sequence[Source]) -> Model:
    """The weights that all of `known` give together, anchored to `start` by the candidates of the first of them."""
    parts = [one.pairs(start) for one in known]
    together = Labelled(
        np.concatenate([one.levels for one in parts]),
        np.concatenate([one.same for one in parts]),
    )
    return from_labels(start, together, parts[0].levels, ANCHOR_OF_TRUTH, "others")


def without_weights(model: Model) -> Model:
    """Every candidate pair is one person to it: training holds back only what a model in force would ask about."""
    weights = {name: dict.fromkeys(levels[name != "name" :], 0) for name, levels in COMPARISONS.items()}
    return replace(
        model, version="nothing", prior=model.automatic, prior_inside=model.automatic, weights=weights, contexts={}
    )


def _calibrated(model: Model, pairs: Labelled) -> Model:
    """With the lowest prior at which no fewer pairs of one person are expected than there are."""
    weights, same = model.weigh(pairs.levels), int(pairs.same.sum())
    prior = next(one for one in PRIORS if float(expit((weights + one) * NAT).sum()) >= same)
    shipped = load()
    return replace(model, prior=prior, prior_inside=prior + shipped.prior_inside - shipped.prior)


def _generated(records: int) -> Source:
    people = generate(records, PROFILES["base"], SEED)
    order = sorted(range(records), key=lambda place: (people.system[place], people.external_id[place]))
    persons = [person_of(row_of(people, place)) for place in order]
    return Source(prepare(labelled.people_columns(persons)), people.truth[order])


def _labelled(path: Path) -> Source:
    rows, truth = labelled.read(path)
    return Source(prepare(labelled.people_columns(labelled.mapped(rows))), truth)


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(description="Weights of a labelled file that had no part in them, measured.")
    parser.add_argument("folder", type=Path, help="where the labelled files are")
    parser.add_argument("out", type=Path, help="JSON to write")
    parser.add_argument("--records", type=int, default=RECORDS, help="generated ones to learn from")
    wishes = parser.parse_args(arguments)
    files = {name: file for name in labelled.FILES if (file := wishes.folder / f"{name}.parquet").exists()}
    wishes.out.write_text(json.dumps(measure(files, wishes.records), indent=2) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
