"""Measures against a known truth: small cases by hand, and any case against counting one by one."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import combinations
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedupe.evaluate import STEP, Bin, Edges, Pairs, best, curve, evaluate, from_weight, histogram
from tests.dedupe.cast import unhurried

labelled = st.lists(st.tuples(st.integers(0, 4), st.sampled_from("abcd")), min_size=1, max_size=14)
"""(contact, person) of each record."""


def counted(claims: set[tuple[int, int]], truth: Sequence[object]) -> Pairs:
    """The claimed pairs of places, looked at one by one."""
    true = {pair for pair in combinations(range(len(truth)), 2) if truth[pair[0]] == truth[pair[1]]}
    return Pairs(len(claims), len(true), len(claims & true))


def mean_share(of: Sequence[object], among: Sequence[object]) -> Fraction:
    """How much of each record's group in `among` is with it in `of` too, on average."""
    places = range(len(of))
    shares = []
    for one in places:
        group = [other for other in places if among[other] == among[one]]
        shares.append(Fraction(sum(of[other] == of[one] for other in group), len(group)))
    return sum(shares, Fraction(0)) / len(of)


def array(*edges: tuple[int, int, int]) -> Edges:
    return np.array(edges, np.int64).reshape(-1, 3)


def test_bob_in_alices_contact_costs_precision_and_a_second_contact_of_alice_costs_recall() -> None:
    found = evaluate(["c1", "c1", "c1", "c2"], ["alice", "alice", "bob", "alice"])
    assert found.pairs == Pairs(claimed=3, true=3, both=1)
    assert (found.pairs.precision, found.pairs.recall, found.pairs.f1) == (1 / 3, 1 / 3, 1 / 3)
    assert (found.bcubed.precision, found.bcubed.recall) == pytest.approx(
        ((2 / 3 * 2 + 1 / 3 + 1) / 4, (4 / 3 + 1 / 3 + 1) / 4)
    )
    assert (found.records, found.people, found.clusters) == (4, 2, 2)
    assert (found.largest, found.largest_people) == (3, 2)


def test_a_crowd_in_one_contact_is_seen_in_the_largest_cluster() -> None:
    found = evaluate([0] * 50 + list(range(1, 951)), list(range(1000)))
    assert (found.largest, found.largest_people) == (50, 50)
    assert found.bcubed.f1 > 0.97
    assert found.pairs.precision == 0


def test_among_clusters_of_one_size_the_most_mixed_is_the_largest() -> None:
    assert evaluate("aabbcc", ["x", "x", "y", "z", "w", "w"]).largest_people == 2


def test_who_claims_nothing_where_nothing_is_to_be_found_makes_no_mistake() -> None:
    found = evaluate(["c1", "c2"], ["alice", "bob"])
    assert (found.pairs.precision, found.pairs.recall, found.pairs.f1, found.bcubed.f1) == (1, 1, 1, 1)


@pytest.mark.parametrize(("predicted", "truth"), [([], []), (["c1"], []), (["c1"], ["alice", "bob"])])
def test_labels_that_do_not_fit_are_refused(predicted: list[str], truth: list[str]) -> None:
    with pytest.raises(ValueError, match=f"{len(predicted)} contacts for {len(truth)} labelled"):
        evaluate(predicted, truth)


def test_figures_become_json() -> None:
    document = json.loads(json.dumps(evaluate(["c1", "c1"], ["alice", "bob"]).as_json()))
    assert document == {
        "records": 2,
        "people": 2,
        "clusters": 1,
        "pairs": {"precision": 0.0, "recall": 1.0, "f1": 0.0, "claimed": 1, "true": 0, "both": 0},
        "bcubed": {"precision": 0.5, "recall": 1.0, "f1": pytest.approx(2 / 3)},
        "largest_cluster": {"records": 2, "people": 2},
    }


@unhurried
@given(labelled)
def test_figures_are_what_counting_one_by_one_gives(labels: list[tuple[int, str]]) -> None:
    predicted, truth = [contact for contact, _ in labels], [person for _, person in labels]
    found = evaluate(predicted, truth)
    claims = {pair for pair in combinations(range(len(labels)), 2) if predicted[pair[0]] == predicted[pair[1]]}
    assert found.pairs == counted(claims, truth)
    assert found.bcubed.precision == pytest.approx(float(mean_share(truth, predicted)), rel=1e-12)
    assert found.bcubed.recall == pytest.approx(float(mean_share(predicted, truth)), rel=1e-12)
    assert found.largest == max(predicted.count(contact) for contact in predicted)


@unhurried
@given(labelled, st.randoms(use_true_random=False))
def test_no_order_and_no_names_of_contacts_or_people_can_be_seen(labels: list[tuple[int, str]], random: Random) -> None:
    mixed = random.sample(labels, len(labels))
    before = evaluate([contact for contact, _ in labels], [person for _, person in labels])
    assert evaluate([("contact", -contact) for contact, _ in mixed], [ord(person) for _, person in mixed]) == before


def test_a_million_records_in_one_cluster_are_counted_exactly() -> None:
    many = 1_000_000
    found = evaluate([0] * many, [0] * many)
    assert found.pairs == Pairs(*[many * (many - 1) // 2] * 3)
    assert (found.bcubed.precision, found.bcubed.recall) == (1.0, 1.0)


def test_the_curve_rises_and_falls_with_the_threshold() -> None:
    truth = ["alice", "alice", "alice", "bob"]
    points = curve(array((0, 1, 9_000), (0, 2, 2_499), (2, 3, -1)), truth)
    assert [points[0].weight, points[-1].weight] == [-500, 9_000]
    assert from_weight(points, 2_500).pairs == Pairs(claimed=1, true=3, both=1)
    assert from_weight(points, 2_000).pairs == Pairs(claimed=3, true=3, both=3)
    assert points[0].pairs == Pairs(claimed=6, true=3, both=3)
    assert from_weight(points, 9_001) is None


def test_the_best_point_is_the_strictest_of_those_with_the_highest_f1() -> None:
    points = curve(array((0, 1, 9_000), (2, 3, 0)), ["alice", "alice", "bob", "charlie"])
    chosen = best(points)
    assert chosen is not None
    assert (chosen.weight, chosen.pairs.f1) == (9_000, 1.0)


def test_without_pairs_there_is_no_curve() -> None:
    nothing = curve(array(), ["alice", "bob"])
    assert (nothing, best(nothing), histogram(array(), ["alice"]), curve(array(), [])) == ([], None, [], [])


def test_the_histogram_parts_pairs_of_one_person_from_those_of_two() -> None:
    bins = histogram(array((0, 1, 999), (0, 2, 500), (1, 2, -1)), ["alice", "alice", "bob"])
    assert bins == [Bin(-500, 0, 1), Bin(0, 0, 0), Bin(500, 1, 1)]


@unhurried
@given(st.data(), st.lists(st.sampled_from("abc"), min_size=2, max_size=7))
def test_the_curve_is_what_counting_one_by_one_gives(data: st.DataObject, truth: list[str]) -> None:
    pairs = st.sampled_from(list(combinations(range(len(truth)), 2)))
    weights = data.draw(st.dictionaries(pairs, st.integers(-3_000, 3_000), min_size=1))
    points = curve(array(*((*pair, weight) for pair, weight in weights.items())), truth)
    assert {point.weight: point.pairs for point in points} == {
        threshold: counted(joined(pair for pair, weight in weights.items() if weight >= threshold), truth)
        for threshold in range(min(weights.values()) // STEP * STEP, max(weights.values()) + 1, STEP)
    }


def test_who_is_joined_by_a_chain_is_merged_too() -> None:
    (point,) = curve(array((0, 1, 100), (1, 2, 200)), ["alice", "alice", "alice"])
    assert point.pairs == Pairs(claimed=3, true=3, both=3)


def test_half_a_million_couples_make_one_curve() -> None:
    many = 500_000
    left = np.arange(many) * 2
    points = curve(np.column_stack([left, left + 1, left % 40_000 - 8_000]), [place // 2 for place in range(2 * many)])
    assert points[0].pairs == Pairs(claimed=many, true=many, both=many)
    assert len(points) == 80


def joined(pairs: Iterable[tuple[int, int]]) -> set[tuple[int, int]]:
    """The pairs, and those of all who are in one chain."""
    home: dict[int, set[int]] = {}
    for left, right in pairs:
        both = home.get(left, {left}) | home.get(right, {right})
        home |= dict.fromkeys(both, both)
    return {pair for group in home.values() for pair in combinations(sorted(group), 2)}
