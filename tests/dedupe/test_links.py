"""Human decisions as links in force."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dedupe.links import Link, Links, links_in_force, pair_of, said_last
from tests.dedupe.cast import unhurried

MUST, CANNOT = Link.MUST, Link.CANNOT


def test_a_pair_is_the_same_from_both_sides() -> None:
    assert pair_of("bob", "alice") == pair_of("alice", "bob") == ("alice", "bob")


def test_merges_come_newest_first() -> None:
    rows = [(1, "a", "b", MUST), (3, "c", "d", MUST), (2, "e", "f", MUST)]
    assert links_in_force(rows).must == (("c", "d"), ("e", "f"), ("a", "b"))


def test_the_newest_decision_on_a_pair_wins_whichever_way_round_it_was_written() -> None:
    merged_then_split = [(1, "alice", "bob", MUST), (2, "bob", "alice", CANNOT)]
    assert links_in_force(merged_then_split) == Links((), frozenset({("alice", "bob")}))
    assert links_in_force([*merged_then_split, (3, "alice", "bob", MUST)]) == Links((("alice", "bob"),))


def test_undoing_a_split_brings_the_older_merge_back() -> None:
    merge, split = (1, "alice", "bob", MUST), (2, "alice", "bob", CANNOT)
    assert links_in_force([merge, split]).must == ()
    assert links_in_force([merge]).must == (("alice", "bob"),)


def test_one_may_be_told_from_some_and_joined_with_another() -> None:
    links = links_in_force([(1, "a", "b", CANNOT), (2, "a", "c", CANNOT), (3, "a", "d", MUST)])
    assert (links.must, links.cannot) == ((("a", "d"),), {("a", "b"), ("a", "c")})


names = st.sampled_from("abcde")
rows = st.lists(st.tuples(names, names, st.sampled_from(Link)).filter(lambda row: row[0] != row[1]), max_size=8)


@unhurried
@given(said=rows, data=st.data())
def test_decisions_may_be_read_in_any_order(said: list[tuple[str, str, Link]], data: st.DataObject) -> None:
    numbered = [(number, *row) for number, row in enumerate(said)]
    assert links_in_force(data.draw(st.permutations(numbered))) == links_in_force(numbered)


@unhurried
@given(said=rows, gaps=st.lists(st.integers(1, 9), min_size=8, max_size=8))
def test_the_gaps_that_undone_decisions_leave_in_the_numbers_do_not_show(
    said: list[tuple[str, str, Link]], gaps: list[int]
) -> None:
    dense = [(number, *row) for number, row in enumerate(said)]
    sparse = [(sum(gaps[: number + 1]), *row) for number, row in enumerate(said)]
    assert links_in_force(sparse) == links_in_force(dense)


@unhurried
@given(said=rows, last=rows)
def test_what_would_be_said_last_is_what_a_newest_decision_says(
    said: list[tuple[str, str, Link]], last: list[tuple[str, str, Link]]
) -> None:
    numbered = [(number, *row) for number, row in enumerate(said)]
    newest = [(len(said), *row) for row in last]
    assert said_last(links_in_force(numbered), last) == links_in_force([*numbered, *newest])
