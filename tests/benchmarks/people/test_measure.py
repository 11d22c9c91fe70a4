"""The measures, against counting pair by pair and record by record."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.people import measure

partitions = st.integers(1, 14).flatmap(
    lambda size: st.tuples(*(st.lists(st.integers(-3, 4), min_size=size, max_size=size) for _ in "ab"))
)


@given(partitions)
def test_pairs_are_what_counting_them_gives(both: tuple[list[int], list[int]]) -> None:
    labels, truth = both
    pairs = list(combinations(range(len(labels)), 2))
    found = {pair for pair in pairs if labels[pair[0]] == labels[pair[1]]}
    true = {pair for pair in pairs if truth[pair[0]] == truth[pair[1]]}
    fit = measure(np.array(labels), np.array(truth))
    assert fit.true_pairs == len(true)
    assert fit.pairs.precision == (len(found & true) / len(found) if found else 1.0)
    assert fit.pairs.recall == (len(found & true) / len(true) if true else 1.0)


@given(partitions)
def test_bcubed_is_the_mean_over_records(both: tuple[list[int], list[int]]) -> None:
    labels, truth = both
    fit = measure(np.array(labels), np.array(truth))
    assert fit.bcubed.precision == float(mean_share(labels, truth))
    assert fit.bcubed.recall == float(mean_share(truth, labels))


def mean_share(of: list[int], among: list[int]) -> Fraction:
    size = len(of)
    clusters = [{j for j in range(size) if of[j] == of[i]} for i in range(size)]
    shares = [Fraction(sum(among[j] == among[i] for j in cluster), len(cluster)) for i, cluster in enumerate(clusters)]
    return sum(shares, Fraction(0)) / size


@given(partitions)
def test_clusters_are_counted(both: tuple[list[int], list[int]]) -> None:
    labels, truth = both
    fit = measure(np.array(labels), np.array(truth))
    assert fit.clusters == len(set(labels))
    assert fit.largest == max(labels.count(label) for label in labels)


def test_a_crowd_that_bcubed_hardly_sees_is_seen_by_pairs_and_by_the_largest_cluster() -> None:
    truth = np.arange(1000)
    labels = np.where(truth < 40, 0, truth)
    fit = measure(labels, truth)
    assert fit.bcubed.f1 > 0.97
    assert fit.pairs.f1 == 0.0
    assert fit.largest == 40


@pytest.mark.parametrize(("labels", "truth"), [([], []), ([1], [1, 2])])
def test_what_cannot_be_compared_is_refused(labels: list[int], truth: list[int]) -> None:
    with pytest.raises(ValueError, match="records"):
        measure(np.array(labels, int), np.array(truth, int))
