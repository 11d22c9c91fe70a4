"""Splink 5 on DuckDB set up as an expert would without labels, run on one file and measured: a program.

    python -m benchmarks.rivals.splink_expert DATA.parquet OUT.json [--model M.json] [--save-model M.json] [--threads 2]

What is expert about it: values are cleaned in SQL and what many different people share is blanked (`splink_clean`);
candidates come from eighteen narrow rules; names, e-mail, phone, date of birth and member number are compared with
Splink's own levels, with term frequencies on names and city; last name and address are one comparison, and an equal
e-mail or phone is weaker under two first names, lest spouses merge (`splink_recipe`). The prior comes from certain
rules, u from sampling with a fixed seed, except that of equal identifiers, which no sample can tell, and m from
expectation maximisation in up to six passes. Records are clustered as connected components. The model is trained
without labels; the recipe's own numbers were tuned on labelled files, and the best threshold is looked up with the
truth of this very file: both to the rival's advantage.

Writes OUT.json and, beside it, OUT.clusters.parquet (`row`, `cluster` at the best threshold). CPU seconds are user and
system time of the whole process with its threads; the grid of thresholds is no stage and comes after the peak of
memory is read. A saved model also keeps its best threshold: runs with it predict from LEEWAY bits below, as in service.
"""

from __future__ import annotations

import argparse
import importlib
import json
import logging
import sys
import time
import warnings
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.people.table import Whole
from benchmarks.rivals import grid, splink_clean, splink_recipe
from benchmarks.rivals.stages import Stages, peak_mib

LOWEST, HIGHEST = -20, 40
"""Match weights, in bits, between which the best threshold is sought, bit by bit."""

LEEWAY = 4
U_PAIRS, U_PAIRS_PER_RECORD = 2e6, 8
EM_PAIRS = 1e6
SEED = 1


class Run:
    """One file on its way through Splink; each method is a stage."""

    def __init__(self, path: Path, threads: int) -> None:
        self.path = path
        self.splink = importlib.import_module("splink")
        self.connection: Any = importlib.import_module("duckdb").connect()
        self.connection.execute(f"SET threads = {threads}")
        self.linker: Any = None

    def clean(self) -> None:
        file = str(self.path).replace("'", "''")
        names = [row[0] for row in self.rows(f"SELECT column_name FROM (DESCRIBE FROM read_parquet('{file}'))")]
        self.connection.execute(f"CREATE TEMP TABLE raw AS {splink_clean.raw_sql(file, names)}")
        self.connection.execute(f"CREATE TEMP TABLE named AS {splink_clean.named_sql('raw')}")
        self.connection.execute("DROP TABLE raw")
        self.connection.execute(f"CREATE TABLE people AS {splink_clean.people_sql('named')}")
        self.connection.execute("DROP TABLE named")

    def train(self) -> None:
        present = self.present()
        self.link(self.settings(present))
        training, block_on = self.linker.training, self.splink.block_on
        certain = [block_on(*rule) for rule in splink_recipe.usable(splink_recipe.CERTAIN, present)]
        training.estimate_probability_two_random_records_match(certain, recall=splink_recipe.CERTAIN_RECALL)
        pairs = max(U_PAIRS, U_PAIRS_PER_RECORD * self.rows("SELECT count(*) FROM people")[0][0])
        training.estimate_u_using_random_sampling(max_pairs=pairs, seed=SEED, min_count_per_level=None)
        self.link(splink_recipe.corrected(self.linker.misc.save_model_to_json()))
        training = self.linker.training
        for rule in splink_recipe.usable(splink_recipe.TRAIN, present):
            training.estimate_parameters_using_expectation_maximisation(
                block_on(*rule), max_pairs=EM_PAIRS, record_sample_proportion=1.0
            )

    def settings(self, present: Sequence[str]) -> Any:
        return self.splink.SettingsCreator(
            link_type="dedupe_only",
            comparisons=splink_recipe.comparisons(
                importlib.import_module("splink.comparison_library"),
                importlib.import_module("splink.comparison_level_library"),
                present,
            ),
            blocking_rules_to_generate_predictions=[
                self.splink.block_on(*rule) for rule in splink_recipe.usable(splink_recipe.PREDICT, present)
            ],
            retain_matching_columns=False,
        )

    def link(self, settings: Any) -> None:
        """Gives Splink the cleaned records and a model, trained or not."""
        people = self.splink.DuckDBAPI(self.connection).register("people")
        self.linker = self.splink.Linker(people, settings, log_level=logging.ERROR)

    def predict(self, floor: float) -> Any:
        return self.linker.inference.predict(threshold_match_weight=floor, warning_mode="never")

    def cluster(self, predicted: Any, threshold: float) -> Any:
        clustering = self.linker.clustering
        return clustering.cluster_pairwise_predictions_at_threshold(predicted, threshold_match_weight=threshold)

    def present(self) -> list[str]:
        """The columns of `people` that are not wholly missing."""
        names = splink_recipe.COLUMNS
        counts = self.rows(f"SELECT {', '.join(f'count({name})' for name in names)} FROM people")[0]
        return [name for name, count in zip(names, counts, strict=True) if count]

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        rows: list[tuple[Any, ...]] = self.connection.execute(sql).fetchall()
        return rows

    def arrays(self, sql: str) -> dict[str, Any]:
        arrays: dict[str, Any] = self.connection.execute(sql).fetchnumpy()
        return arrays

    def truth(self) -> Whole:
        """The number of each row's person, from 0."""
        file = str(self.path).replace("'", "''")
        sql = f"""SELECT dense_rank() OVER (ORDER BY truth) - 1 AS person
            FROM read_parquet('{file}', file_row_number = true) ORDER BY file_row_number"""
        return np.asarray(self.arrays(sql)["person"], dtype=np.int64)

    def edges(self, predicted: Any) -> grid.Edges:
        found = self.arrays(f"SELECT unique_id_l, unique_id_r, match_weight FROM {predicted.physical_name}")
        left, right = (np.asarray(found[name], dtype=np.int64) for name in ("unique_id_l", "unique_id_r"))
        return grid.Edges(left, right, np.asarray(found["match_weight"], dtype=np.float64))

    def clusters(self, clustered: Any) -> Whole:
        """The cluster of each row as Splink made it, numbered from 0."""
        sql = f"""SELECT dense_rank() OVER (ORDER BY cluster_id) - 1 AS cluster
            FROM {clustered.physical_name} ORDER BY unique_id"""
        return np.asarray(self.arrays(sql)["cluster"], dtype=np.int64)

    def write(self, clusters: Whole, path: Path) -> None:
        file = str(path).replace("'", "''")
        self.connection.register("found", {"row": np.arange(len(clusters)), "cluster": clusters})
        self.connection.execute(f"COPY (SELECT row, cluster FROM found ORDER BY row) TO '{file}' (FORMAT parquet)")


def measure(arguments: argparse.Namespace) -> dict[str, Any]:
    """Runs every stage and gives what OUT.json tells."""
    started, stages = time.perf_counter(), Stages()
    run = stages.time("start", lambda: Run(arguments.data, arguments.threads))
    stages.time("clean", run.clean)
    saved = json.loads(arguments.model.read_text()) if arguments.model else None
    if saved:
        stages.time("load", lambda: run.link(saved["model"]))
    else:
        stages.time("train", run.train)
    threshold, floor = (saved["threshold"], saved["threshold"] - LEEWAY) if saved else (0, LOWEST)
    predicted = stages.time("predict", lambda: run.predict(floor))
    clustered = stages.time("cluster", lambda: run.cluster(predicted, threshold))
    peak, wall = peak_mib(), time.perf_counter() - started

    truth, edges = run.truth(), run.edges(predicted)
    found = grid.scores(edges, truth, range(floor, HIGHEST + 1))
    best = grid.best(found)
    run.write(grid.components(edges, len(truth), best.threshold), arguments.out.with_suffix(".clusters.parquet"))
    if arguments.save_model:
        model = {"threshold": best.threshold, "model": run.linker.misc.save_model_to_json()}
        arguments.save_model.write_text(json.dumps(model, indent=2))
    return {
        "engine": {name: importlib.import_module(name).__version__ for name in ("splink", "duckdb")},
        "data": arguments.data.name,
        "threads": arguments.threads,
        "model": "saved" if saved else "trained",
        "records": len(truth),
        "people": int(truth.max()) + 1,
        "edges": len(edges.weight),
        "columns": run.present(),
        "stages": stages.taken,
        "cpu_seconds": stages.total("cpu_seconds"),
        "wall_seconds": wall,
        "peak_mib": peak,
        "clustered": asdict(grid.score(threshold, truth, run.clusters(clustered))),
        "best": asdict(best),
        "grid": [asdict(one) for one in found],
    }


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Splink 5 on DuckDB, set up by an expert without labels, measured.")
    parser.add_argument("data", type=Path, help="Parquet of person records with a column `truth`")
    parser.add_argument("out", type=Path, help="JSON to write; the clusters go beside it")
    parser.add_argument("--model", type=Path, help="use this saved model, train nothing")
    parser.add_argument("--save-model", type=Path, help="keep the model here")
    parser.add_argument("--threads", type=int, default=2)
    return parser.parse_args(arguments)


def main(arguments: Sequence[str]) -> None:
    warnings.simplefilter("ignore")
    wishes = parse(arguments)
    document = measure(wishes)
    wishes.out.write_text(json.dumps(document, indent=2) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
