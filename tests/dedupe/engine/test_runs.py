"""Which places hold the same hash, against what the word says."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedupe.engine import runs as module
from dedupe.engine.hashing import Hashes
from dedupe.engine.runs import repeats, runs_of, together
from tests.dedupe.cast import unhurried

NEARLY_EQUAL = [0, 1, 2, 7 << 40, (7 << 40) + 1, (7 << 40) + 2, 2**64 - 2, 2**64 - 1]
"""Hashes that differ in their lowest bits alone."""

hashes = st.lists(st.sampled_from(NEARLY_EQUAL), max_size=30).map(lambda some: np.array(some, np.uint64))


def by_hand(some: list[int]) -> dict[int, list[int]]:
    places = {one: [at for at, other in enumerate(some) if other == one] for one in sorted(set(some))}
    return {one: those for one, those in places.items() if len(those) > 1}


def found(some: Hashes) -> dict[int, list[int]]:
    runs = runs_of(some)
    ends = zip(runs.begins[:-1].tolist(), runs.begins[1:].tolist(), strict=True)
    return dict(zip(runs.hashes.tolist(), (runs.places[a:b].tolist() for a, b in ends), strict=True))


@pytest.mark.parametrize("few", [0, 100], ids=["the way of many", "the way of few"])
class TestRuns:
    @pytest.fixture(autouse=True)
    def way(self, few: int, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(module, "FEW", few)
        monkeypatch.setattr(module, "AT_ONCE", 4)

    @unhurried
    @given(some=hashes)
    def test_what_is_there_twice_is_found_with_all_its_places_in_order(self, some: Hashes) -> None:
        assert list(found(some).items()) == list(by_hand(some.tolist()).items())

    @unhurried
    @given(some=hashes)
    def test_what_is_there_again_is_known(self, some: Hashes) -> None:
        again = {place for places in by_hand(some.tolist()).values() for place in places[1:]}
        assert set(repeats(some).tolist()) == again

    @unhurried
    @given(some=hashes)
    def test_equal_ones_can_be_brought_together_in_the_order_of_their_places(self, some: Hashes) -> None:
        groups: dict[int, list[int]] = {}
        for place in together(some).tolist():
            groups.setdefault(int(some[place]), []).append(place)
        assert [place for group in groups.values() for place in group] == together(some).tolist()
        assert groups == {one: np.flatnonzero(some == np.uint64(one)).tolist() for one in set(some.tolist())}


@unhurried
@given(some=hashes, data=st.data())
def test_some_of_the_runs_are_those_runs(some: Hashes, data: st.DataObject) -> None:
    runs = runs_of(some)
    size = len(runs.hashes)
    chosen = np.array(data.draw(st.lists(st.booleans(), min_size=size, max_size=size)), np.bool_)
    left = runs.some(chosen)
    assert left.hashes.tolist() == runs.hashes[chosen].tolist()
    assert left.places.tolist() == runs.places[chosen[runs.of]].tolist()
    assert left.hashes[left.of].tolist() == some[left.places].tolist()
    every = np.arange(len(runs.places))
    assert runs.of_places(every).tolist() == runs.of.tolist()
