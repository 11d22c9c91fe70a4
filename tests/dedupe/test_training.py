"""Training from labels: it finds what was planted, and leaves alone what nobody has said anything about."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedupe.engine.levels import COLUMNS, COMPARISONS, Level
from dedupe.engine.model_form import CONTEXTS
from dedupe.engine.model_text import text_of
from dedupe.engine.weights import Model, load, model_of
from dedupe.training import ANCHOR_OF_DECISIONS, ANCHOR_OF_TRUTH, Labelled, from_labels
from tests.dedupe.planted_pairs import GAPS, drawn, gap, true_gap

STANDARD = load()
DAY = "2026-11-22"
KEPT = ("automatic", "likely", "floor", "strong_cap", "weak_cap", "margin", "limit", "excluding", "another", "unnamed")


@pytest.fixture(scope="module")
def told() -> Labelled:
    return drawn(100_000, 0.3, seed=1)


@pytest.fixture(scope="module")
def trained(told: Labelled) -> Model:
    return from_labels(STANDARD, told, told.levels, 0, DAY)


@pytest.mark.parametrize(("name", "better", "worse"), GAPS)
def test_it_finds_how_much_more_one_level_weighs_than_another(
    name: str, better: str, worse: str, trained: Model
) -> None:
    assert gap(trained, name, better, worse) == pytest.approx(true_gap(name, better, worse), abs=0.3)


def test_levels_that_no_pair_has_keep_their_weight(told: Labelled, trained: Model) -> None:
    seen = {(0, column, level) for column in range(len(COMPARISONS)) for level in np.unique(told.levels[:, column])}
    moved = {tuple(place) for place in np.argwhere(trained.table != STANDARD.table).tolist()}
    names = {place for place in moved if place[1] == COLUMNS["name"]}
    assert moved - names <= seen
    assert {level for _, _, level in names} <= {level for _, column, level in seen if column == COLUMNS["name"]}
    assert trained.contexts == STANDARD.contexts


def test_thresholds_caps_and_what_excludes_are_taken_over(trained: Model) -> None:
    assert {name: getattr(trained, name) for name in KEPT} == {name: getattr(STANDARD, name) for name in KEPT}
    assert trained.prior_inside - trained.prior == STANDARD.prior_inside - STANDARD.prior


def test_the_order_of_the_pairs_cannot_be_seen(told: Labelled) -> None:
    few = Labelled(told.levels[:2_000], told.same[:2_000])
    order = np.random.default_rng(2).permutation(len(few.same))
    mixed = Labelled(few.levels[order], few.same[order])
    first, second = (
        from_labels(STANDARD, one, candidates, ANCHOR_OF_TRUTH, DAY)
        for one, candidates in ((few, told.levels), (mixed, told.levels[::-1]))
    )
    assert first == second
    assert first.version == second.version


def test_a_file_that_names_whole_people_does_not_make_everybody_one_person(told: Labelled) -> None:
    """A tenth of the people labelled: a tenth of the pairs of one person are in it, and a hundredth of the others."""
    random = np.random.default_rng(3).random(len(told.same))
    some = random < np.where(told.same, 0.1, 0.01)
    few = Labelled(told.levels[some], told.same[some])
    assert np.mean(few.same) > 0.75
    fair = from_labels(STANDARD, told, told.levels, ANCHOR_OF_TRUTH, DAY)
    skewed = from_labels(STANDARD, few, told.levels, ANCHOR_OF_TRUTH, DAY)
    assert abs(_expected(skewed, told.levels) - _expected(fair, told.levels)) < 0.05


def test_few_decisions_about_pairs_in_doubt_bend_little_of_what_is_said_of_all_others(told: Labelled) -> None:
    weights = STANDARD.weigh(told.levels) + STANDARD.prior
    doubt = np.flatnonzero((weights >= STANDARD.likely) & (weights < STANDARD.automatic))[:60]
    asked = Labelled(told.levels[doubt], told.same[doubt])
    held = from_labels(STANDARD, asked, told.levels, ANCHOR_OF_DECISIONS, DAY)
    free = from_labels(STANDARD, asked, told.levels, 0, DAY)
    assert _moved(held, told.levels) < _moved(free, told.levels)


def test_labels_of_one_kind_alone_still_give_a_model() -> None:
    one = drawn(50, 1.0, seed=4)
    trained = from_labels(STANDARD, one, one.levels, ANCHOR_OF_TRUTH, DAY)
    assert np.abs(trained.table - STANDARD.table).max() <= 3_000


def test_no_label_changes_nothing_but_the_version(told: Labelled) -> None:
    nobody = Labelled(told.levels[:0], told.same[:0])
    same = from_labels(STANDARD, nobody, told.levels, ANCHOR_OF_TRUTH, DAY)
    assert replace(same, version=STANDARD.version).table.tolist() == STANDARD.table.tolist()
    assert same.version.startswith(f"{STANDARD.version}+{DAY}-")


def test_a_model_trained_again_has_another_version_with_one_day_in_it(trained: Model, told: Labelled) -> None:
    again = from_labels(trained, drawn(5_000, 0.5, seed=5), told.levels, ANCHOR_OF_TRUTH, "2026-12-01")
    assert again.version.startswith("standard-3+2026-12-01-")
    assert len({again.version, trained.version, STANDARD.version}) == 3


def test_a_trained_model_reads_back_from_its_file_as_it_was(trained: Model) -> None:
    assert model_of(text_of(trained, ["made of labels", "in two lines\n of which one: is odd"])) == trained


def newly_merged(model: Model) -> list[dict[str, str]]:
    """Pairs with half a name and one more thing that agrees, merged though the shipped model only asks about them."""
    found = []
    for half in ("initial", "first only", "last only"):
        for name, levels in list(COMPARISONS.items())[1:]:
            for level in levels:
                row = _row({"name": half, name: level})
                was, is_now = (int(one.weigh(row)[0]) + one.prior for one in (STANDARD, model))
                if was < STANDARD.automatic <= is_now:
                    found.append({"name": half, name: level})
    return found


def _row(told: dict[str, str]) -> Level:
    row = np.zeros((1, len(COMPARISONS)), np.uint8)
    for name, level in told.items():
        row[0, COLUMNS[name]] = COMPARISONS[name].index(level)
    return row


@pytest.mark.parametrize(("half", "name", "level"), [("initial", "address", "same"), ("last only", "phone", "same")])
def test_who_may_be_of_one_household_is_asked_about_whatever_the_labels_say(half: str, name: str, level: str) -> None:
    """Father and son J Reid live in one house; every label says that such pairs are one person."""
    alike = np.repeat(_row({"name": half, name: level}), 500, axis=0)
    model = from_labels(STANDARD, Labelled(alike, np.ones(500, np.bool_)), alike, ANCHOR_OF_TRUTH, DAY)
    both = drawn(500, 0.5, seed=8)
    joined = Labelled(np.concatenate([alike, both.levels]), np.concatenate([np.ones(500, np.bool_), both.same]))
    again = from_labels(STANDARD, joined, joined.levels, ANCHOR_OF_TRUTH, DAY)
    assert newly_merged(model) == newly_merged(again) == []
    assert again.weigh(alike[:1])[0] + again.prior >= STANDARD.likely


def test_another_flat_of_one_house_with_a_common_name_is_asked_about() -> None:
    flats = _row({"name": "same, common", "address": "same but unit"})
    assert STANDARD.weigh(flats)[0] + STANDARD.prior < STANDARD.automatic
    told = Labelled(np.repeat(flats, 300, axis=0), np.arange(300) > 5)
    model = from_labels(STANDARD, told, drawn(3_000, 0.5, seed=9).levels, ANCHOR_OF_TRUTH, DAY)
    assert STANDARD.likely <= model.weigh(flats)[0] + model.prior < STANDARD.automatic


rows = st.lists(st.tuples(*(st.integers(0, len(levels) - 1) for levels in COMPARISONS.values())), max_size=30)


@settings(max_examples=50, deadline=None)
@given(rows, st.integers(0, 2**30), st.sampled_from([0, ANCHOR_OF_TRUTH, ANCHOR_OF_DECISIONS]))
def test_whatever_is_labelled_gives_a_model_that_reads_back_and_merges_no_two_names(
    found: list[tuple[int, ...]], bits: int, anchor: int
) -> None:
    levels = np.array(found, np.uint8).reshape(-1, len(COMPARISONS))
    same = np.array([bool(bits >> place & 1) for place in range(len(found))], np.bool_)
    model = from_labels(STANDARD, Labelled(levels, same), levels, anchor, DAY)
    assert model_of(text_of(model, [])) == model
    assert model.excludes.tolist() == STANDARD.excludes.tolist()
    assert not model.table[:, 1:, 0].any()
    assert newly_merged(model) == []
    assert set(model.contexts) <= set(CONTEXTS)


def _expected(model: Model, levels: Level) -> float:
    """The share of pairs that a model takes for one person."""
    return float(np.mean(1 / (1 + np.exp2(-(model.weigh(levels) + model.prior) / 1000))))


def _moved(model: Model, levels: Level) -> float:
    """How far the weights of pairs moved, on average, in bits."""
    before, after = (one.weigh(levels) + one.prior for one in (STANDARD, model))
    return float(np.mean(np.abs(after - before))) / 1000
