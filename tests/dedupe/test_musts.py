"""Human merges join whole clusters, unless a human 'cannot' stands between them."""

from __future__ import annotations

from dedupe.musts import join_musts

NONE: frozenset[tuple[int, int]] = frozenset()


def test_a_merge_joins_the_whole_clusters_of_both() -> None:
    assert join_musts([[0, 2], [1, 3], [4]], [(2, 3)], NONE) == ([[0, 1, 2, 3], [4]], [])


def test_merges_chain() -> None:
    assert join_musts([[0], [1], [2], [3]], [(2, 3), (0, 1), (1, 2)], NONE) == ([[0, 1, 2, 3]], [])


def test_a_merge_of_those_who_are_one_already_does_nothing() -> None:
    assert join_musts([[0, 1]], [(0, 1)], NONE) == ([[0, 1]], [])


def test_a_cannot_between_any_two_members_refuses_the_merge() -> None:
    assert join_musts([[0, 1], [2, 3]], [(0, 2)], {(1, 3)}) == ([[0, 1], [2, 3]], [(0, 2)])


def test_of_two_merges_that_cannot_both_hold_the_newer_holds() -> None:
    newest_first = [(1, 2), (0, 1)]
    assert join_musts([[0], [1], [2]], newest_first, {(0, 2)}) == ([[0], [1, 2]], [(0, 1)])
    assert join_musts([[0], [1], [2]], newest_first[::-1], {(0, 2)}) == ([[0, 1], [2]], [(1, 2)])
