"""Training without labels: left free it finds what was planted; held by the model in force it moves a little there."""

from __future__ import annotations

import numpy as np
import pytest

from dedupe.engine.model_text import text_of
from dedupe.engine.weights import Model, load, model_of
from dedupe.training import Labelled
from dedupe.training_em import from_candidates
from tests.dedupe.planted_pairs import GAPS, drawn, gap, model_of_shares, true_gap

STANDARD = load()
DAY = "2026-11-22"


@pytest.fixture(scope="module")
def pairs() -> Labelled:
    return drawn(60_000, 0.4, seed=6)


@pytest.fixture(scope="module")
def wrong() -> Model:
    return model_of_shares(STANDARD, 0.4, off=0.8)


@pytest.fixture(scope="module")
def free(pairs: Labelled, wrong: Model) -> Model:
    return from_candidates(wrong, pairs.levels, DAY, pseudo=0.01)


@pytest.fixture(scope="module")
def held(pairs: Labelled) -> Model:
    return from_candidates(STANDARD, pairs.levels, DAY)


@pytest.mark.parametrize("of", GAPS)
def test_left_free_it_finds_the_weights_of_independent_comparisons(of: tuple[str, str, str], free: Model) -> None:
    assert gap(free, *of) == pytest.approx(true_gap(*of), abs=0.4)


def test_held_by_a_model_that_is_wrong_it_comes_nearer_to_the_truth(pairs: Labelled, wrong: Model, free: Model) -> None:
    held = from_candidates(wrong, pairs.levels, DAY, pseudo=3)
    start, end, found = (sum(abs(gap(one, *of) - true_gap(*of)) for of in GAPS) for one in (wrong, held, free))
    assert found < end < start


def test_a_model_that_is_right_stays_as_it_is(pairs: Labelled) -> None:
    right = model_of_shares(STANDARD, 0.4)
    found = from_candidates(right, pairs.levels, DAY)
    assert np.abs(found.table - right.table).max() <= 100


def test_levels_that_no_pair_has_keep_their_weight(held: Model) -> None:
    assert held.contexts == STANDARD.contexts
    assert held.weights["birth"] == STANDARD.weights["birth"]
    assert held.weights["email"]["same role"] == STANDARD.weights["email"]["same role"]


def test_the_order_of_the_pairs_cannot_be_seen(pairs: Labelled, held: Model) -> None:
    order = np.random.default_rng(7).permutation(len(pairs.levels))
    assert from_candidates(STANDARD, pairs.levels[order], DAY) == held


def test_thresholds_and_what_excludes_are_taken_over_and_the_file_reads_back(held: Model) -> None:
    assert (held.automatic, held.likely, held.excluding) == (STANDARD.automatic, STANDARD.likely, STANDARD.excluding)
    assert held.version.startswith(f"{STANDARD.version}+{DAY}-")
    assert model_of(text_of(held, ["no labels"])) == held


def test_nothing_is_learned_from_nobody() -> None:
    with pytest.raises(ValueError, match="no candidate pairs"):
        from_candidates(STANDARD, np.zeros((0, 8), np.uint8), DAY)
