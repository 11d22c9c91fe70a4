"""Average linkage: the highest average first, never against an exclusion, never below the floor."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from dedupe.linkage import Linkage, Pairing, link_averages
from tests.dedupe.cast import unhurried

FLOOR = 0
APART = (-9_000, False, True)


def linked(size: int, **known: Pairing) -> Linkage:
    """Pairs are written p01=...; what is not written neither matches nor excludes."""
    pairs = combinations(range(size), 2)
    return link_averages(size, {(a, b): known.get(f"p{a}{b}", (-1_000, False, False)) for a, b in pairs}, FLOOR)


def match(weight: int) -> Pairing:
    return weight, True, False


def test_a_chain_is_joined_while_its_average_allows() -> None:
    assert linked(3, p01=match(8_000), p12=match(4_000)).groups == [[0, 1, 2]]


def test_a_weak_end_of_a_chain_stays_out_and_is_named() -> None:
    found = linked(3, p01=match(8_000), p12=match(500))
    assert found == Linkage([[0, 1], [2]], apart=[(1, 2)])


def test_a_bridge_between_two_who_exclude_each_other_is_cut_at_its_weaker_end() -> None:
    found = linked(3, p01=match(5_000), p12=match(8_000), p02=APART)
    assert found == Linkage([[0], [1, 2]], apart=[(0, 1)])


def test_among_equals_the_first_in_stable_order_is_joined() -> None:
    assert linked(3, p01=match(5_000), p12=match(5_000), p02=APART).groups == [[0, 1], [2]]


def test_no_join_without_a_match_however_high_the_weight() -> None:
    assert linked(2, p01=(9_000, False, False)).groups == [[0], [1]]


def test_one_node_is_one_group() -> None:
    assert linked(1) == Linkage([[0]], apart=[])


def naive(size: int, known: dict[tuple[int, int], Pairing]) -> list[list[int]]:
    """The method as the book has it, every average counted anew each time."""
    groups = [[index] for index in range(size)]
    while True:
        joins = []
        for left, right in combinations(groups, 2):
            pairs = [known[min(a, b), max(a, b)] for a in left for b in right]
            average = sum(weight for weight, _, _ in pairs) // len(pairs)
            excluded = any(excludes for _, _, excludes in pairs)
            if any(matches for _, matches, _ in pairs) and not excluded and average >= FLOOR:
                joins.append((-average, left, right))
        if not joins:
            return groups
        _, left, right = min(joins)
        groups = sorted([*(group for group in groups if group not in (left, right)), sorted(left + right)])


pairings = st.tuples(st.integers(-9, 9), st.booleans(), st.sampled_from([False, False, True]))


@unhurried
@given(size=st.integers(1, 7), data=st.data())
def test_the_quick_way_finds_what_the_naive_way_finds(size: int, data: st.DataObject) -> None:
    pairs = list(combinations(range(size), 2))
    drawn = data.draw(st.lists(pairings, min_size=len(pairs), max_size=len(pairs)))
    known = dict(zip(pairs, drawn, strict=True))
    expected = naive(size, known)
    found = link_averages(size, known, FLOOR)
    assert sorted(found.groups) == expected
    home = {index: number for number, group in enumerate(expected) for index in group}
    assert found.apart == [pair for pair in pairs if known[pair][1] and home[pair[0]] != home[pair[1]]]
