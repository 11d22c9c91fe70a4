"""Alice has three records, Bob two; edges join them rightly, and a weak one joins the two people."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.rivals.grid import Edges, best, components, score, scores

ALICE_AND_BOB = np.array([0, 0, 0, 1, 1], dtype=np.int64)
EDGES = Edges(np.array([0, 1, 2, 3]), np.array([1, 2, 3, 4]), np.array([9.0, 5.0, 2.0, 7.0]))


def test_every_edge_of_at_least_the_threshold_joins() -> None:
    assert components(EDGES, 5, 2).tolist() == [0, 0, 0, 0, 0]
    assert components(EDGES, 5, 5).tolist() == [0, 0, 0, 1, 1]
    assert components(EDGES, 5, 9).tolist() == [0, 0, 1, 2, 3]
    assert components(EDGES, 5, 10).tolist() == [0, 1, 2, 3, 4]


def test_a_score_tells_pairs_b_cubed_and_the_largest_cluster() -> None:
    merged = score(2, ALICE_AND_BOB, components(EDGES, 5, 2))

    assert (merged.threshold, merged.precision, merged.recall, merged.largest) == (2, 4 / 10, 1, 5)
    assert merged.f1 == pytest.approx(8 / 14)
    assert merged.bcubed_f1 == pytest.approx(2 * (13 / 25) / (13 / 25 + 1))


def test_the_best_threshold_is_the_highest_of_those_with_the_highest_f1() -> None:
    assert best(scores(EDGES, ALICE_AND_BOB, range(11))).threshold == 5
