"""Planted pairs are judged as is right, the same from either side, and told as in their golden files."""

from __future__ import annotations

import pytest

from dedupe.engine.population import hashes_from
from dedupe.engine.telling import best_pair
from dedupe.engine.weights import load
from tests.dedupe.engine import planted

AGAIN = "read the difference, then write it anew with python -m tests.dedupe.engine.planted"


@pytest.mark.parametrize("name", planted.PLANTED)
def test_a_planted_pair_is_judged_as_is_right(name: str) -> None:
    pair = planted.PLANTED[name]
    assert planted.best_of(pair).verdict.judgement in pair.right_judgements


@pytest.mark.parametrize("name", planted.PLANTED)
def test_a_planted_pair_is_told_as_in_its_golden_file(name: str) -> None:
    assert planted.text_of(planted.PLANTED[name]) == planted.golden(name).read_text("utf-8"), AGAIN


@pytest.mark.parametrize("name", planted.PLANTED)
def test_it_does_not_matter_which_of_the_two_is_named_first(name: str) -> None:
    one = planted.best_of(planted.PLANTED[name])
    other = best_pair([one.right], [one.left], hashes_from(()), load())
    assert other == one


def test_no_golden_file_is_left_over() -> None:
    assert {path.name for path in planted.GOLDEN.iterdir()} == {planted.golden(name).name for name in planted.PLANTED}
