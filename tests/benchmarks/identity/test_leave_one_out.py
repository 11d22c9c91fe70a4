"""Weights without a file: they begin with none, learn what all know of people, and never look at the file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy.special import expit

from benchmarks.identity import labelled, leave_one_out
from benchmarks.identity.leave_one_out import Source, from_generated, from_others, without_weights
from dedupe.engine.weights import Model, load
from dedupe.training_design import NAT

DATA = Path(__file__).parents[4] / "shared" / "data"
RECORDS = 2_000


@pytest.fixture(scope="module")
def made() -> Source:
    return leave_one_out._generated(RECORDS)


@pytest.fixture(scope="module")
def start(made: Source) -> Model:
    return from_generated(made)


def test_nothing_of_the_shipped_weights_is_left_at_the_beginning() -> None:
    nothing = without_weights(load())
    assert not nothing.table.any()
    assert (nothing.automatic, nothing.likely, nothing.strong_cap) == (load().automatic, load().likely, 10)


def test_generated_records_teach_what_agrees_and_what_does_not(made: Source, start: Model) -> None:
    assert start.weights["name"]["same"] > 0 > start.weights["name"]["other"]
    assert start.weights["email"]["same"] > 0 > start.weights["email"]["different"]
    assert made.likely(start).f1 > 0.85


def test_the_prior_expects_as_many_pairs_of_one_person_as_there_are(made: Source, start: Model) -> None:
    pairs = made.pairs(without_weights(load()))
    expected = expit((start.weigh(pairs.levels) + start.prior) * NAT).sum()
    assert expected == pytest.approx(pairs.same.sum(), rel=0.03)
    assert start.prior_inside - start.prior == load().prior_inside - load().prior


def test_what_is_learned_is_the_same_every_time(made: Source, start: Model) -> None:
    assert from_generated(made).table.tolist() == start.table.tolist()
    assert np.array_equal(made.truth, leave_one_out._generated(RECORDS).truth)


def test_other_records_bend_the_weights(made: Source, start: Model) -> None:
    assert from_others(start, [made, made]).version != start.version
    assert made.best(start).f1 >= made.likely(start).f1


def test_no_file_of_a_kind_is_measured_where_there_is_none() -> None:
    assert leave_one_out.measure({}, RECORDS)["files"] == []


def test_every_labelled_file_is_left_out_once() -> None:
    files = {name: path for name in labelled.FILES if (path := DATA / f"{name}.parquet").exists()}
    if len(files) < len(labelled.FILES):
        pytest.skip("the labelled files are not there")
    found = leave_one_out.measure(files, RECORDS)["files"]

    assert [one["data"] for one in found] == list(labelled.FILES)
    for one in found:
        assert 0.8 < one["left_out"]["f1"] <= one["left_out_best"]["f1"]
        assert one["left_out"]["f1"] != one["shipped"]["f1"]
