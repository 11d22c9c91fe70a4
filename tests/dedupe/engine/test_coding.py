"""Texts as numbers: what goes in comes out, and no number depends on chance."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedupe.engine import coding
from dedupe.engine.coding import BETWEEN, WITHIN, Sets, code, code_parts, code_sets, hashes_of, mixed
from tests.dedupe.cast import unhurried

words = st.sampled_from(["", "a", "b", "ab", "ß", "\ud800x"])
some_words = st.frozensets(words.filter(bool), max_size=3)


def said(sets: Sets) -> list[frozenset[str]]:
    """The rows of a column of sets."""
    ends = zip(sets.starts[:-1].tolist(), sets.starts[1:].tolist(), strict=True)
    return [frozenset(sets.values[item] for item in sets.items[begin:end].tolist()) for begin, end in ends]


def coded(rows: list[frozenset[str]]) -> Sets:
    return code_sets([BETWEEN.join(sorted(row)) for row in rows])


class TestColumns:
    @unhurried
    @given(st.lists(words))
    def test_every_row_points_to_its_text_and_every_text_is_there_once(self, column: list[str]) -> None:
        found = code(column)
        assert [found.values[number] for number in found.ids.tolist()] == column
        assert len(set(found.values)) == len(found.values)

    def test_number_nought_is_what_is_missing(self) -> None:
        assert code(["a", "", "b"]).ids.tolist() == [1, 0, 2]
        assert code([]).values == [""]

    def test_a_column_that_follows_from_another_is_found_out_once_for_each_text(self) -> None:
        asked: list[str] = []

        def first_letter(text: str) -> str:
            asked.append(text)
            return text[:1]

        found = code(["alice", "bob", "alice", "anna"]).parts(first_letter)
        assert [found.values[number] for number in found.ids.tolist()] == ["a", "b", "a", "a"]
        assert sorted(asked) == ["", "alice", "anna", "bob"]


class TestParts:
    @unhurried
    @given(column=st.lists(st.tuples(words, words, words)), at_once=st.integers(1, 5))
    def test_every_part_becomes_a_column(self, column: list[tuple[str, str, str]], at_once: int) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(coding, "AT_ONCE", at_once)
            found = code_parts([WITHIN.join(parts) for parts in column], 3)
        texts = [[one.values[number] for number in one.ids.tolist()] for one in found]
        assert texts == [[parts[number] for parts in column] for number in range(3)]
        assert all(one.values[0] == "" and len(set(one.values)) == len(one.values) for one in found)

    def test_parts_that_are_not_there_say_nothing(self) -> None:
        first, second = code_parts(["a", WITHIN.join("bc")], 2)
        assert (first.values, second.values) == (["", "a", "b"], ["", "c"])
        assert (first.ids.tolist(), second.ids.tolist()) == ([1, 2], [0, 1])


class TestSets:
    @unhurried
    @given(st.lists(some_words))
    def test_every_row_holds_its_values_ascending(self, rows: list[frozenset[str]]) -> None:
        found = coded(rows)
        assert said(found) == rows
        assert found.counts.tolist() == [len(row) for row in rows]
        assert found.rows.tolist() == [at for at, row in enumerate(rows) for _ in row]
        within = np.diff(found.items)[np.diff(found.rows) == 0]
        assert (within > 0).all()

    @unhurried
    @given(rows=st.lists(some_words), bad=some_words)
    def test_values_that_are_not_usable_are_gone_and_the_others_stay(
        self, rows: list[frozenset[str]], bad: frozenset[str]
    ) -> None:
        found = coded(rows)
        usable = np.array([value not in bad for value in found.values], np.bool_)
        assert said(found.kept(usable)) == [row - bad for row in rows]

    @unhurried
    @given(st.lists(st.tuples(st.integers(0, 2), some_words), max_size=8))
    def test_a_group_says_what_any_of_its_rows_says(self, rows: list[tuple[int, frozenset[str]]]) -> None:
        labels = np.array([label for label, _ in rows], np.int64)
        found = coded([row for _, row in rows]).grouped(labels, 3)
        assert said(found) == [frozenset().union(*(row for label, row in rows if label == group)) for group in range(3)]


class TestHashes:
    def test_they_are_the_same_on_every_machine(self) -> None:
        assert hashes_of(["", "alice"]).tolist() == [3244421341483603138, 5593767425381308080]
        assert mixed(hashes_of(["alice"]), hashes_of(["bob"])).tolist() == [16689490278888432528]

    def test_two_thousand_texts_have_two_thousand_hashes(self) -> None:
        texts = [str(number) for number in range(2_000)]
        assert len(set(hashes_of(texts).tolist())) == 2_000
        assert len(set(mixed(hashes_of(texts)).tolist())) == 2_000

    def test_a_text_that_is_no_unicode_has_one_too(self) -> None:
        assert len(set(hashes_of(["\ud800x", "x"]).tolist())) == 2

    def test_the_order_of_what_is_mixed_shows(self) -> None:
        one, other = hashes_of(["alice"]), hashes_of(["bob"])
        assert mixed(one, other) != mixed(other, one)
        assert mixed(one) != mixed(one, one)

    @unhurried
    @given(st.lists(words, min_size=1))
    def test_a_text_has_the_same_hash_in_any_company(self, texts: list[str]) -> None:
        assert hashes_of(texts).tolist() == [hashes_of([text]).item() for text in texts]


@pytest.mark.parametrize("column", [[], ["", ""]])
def test_a_column_that_says_nothing_is_empty_sets(column: list[str]) -> None:
    assert said(code_sets(column)) == [frozenset() for _ in column]
