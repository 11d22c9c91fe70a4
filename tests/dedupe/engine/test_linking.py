"""Linking many components of one size at once, against linking them one by one."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedupe.engine import linking as module
from dedupe.engine.linking import Linked, Uneasy, link
from tests.dedupe.cast import unhurried

FLOOR = 2
ALICE, BOB, CHARLIE = 0, 1, 2


@st.composite
def crowds(draw: st.DrawFn) -> Uneasy:
    """Up to ten components of one size, with weights of which many are equal."""
    size = draw(st.integers(2, 6))
    pairs = list(combinations(range(size), 2))
    some = st.tuples(st.integers(-3, 9), st.booleans(), st.booleans())
    lines = draw(st.lists(st.lists(some, min_size=len(pairs), max_size=len(pairs)), min_size=1, max_size=10))
    told = np.array(lines)
    excluded = told[:, :, 2].astype(np.bool_)
    matches = told[:, :, 1].astype(np.bool_) & ~excluded
    rows = np.arange(len(lines) * size).reshape(-1, size)
    return Uneasy(rows, told[:, :, 0].astype(np.int32), matches, excluded)


def ways(uneasy: Uneasy, margin: int) -> list[tuple[list[list[int]], list[tuple[int, int]], dict[int, list[int]]]]:
    """What is found one by one and what at once."""
    found = []
    for few in (len(uneasy.rows), 0):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(module, "FEW", few)
            found.append(_plain(link(uneasy, FLOOR, margin)))
    return found


def _plain(parts: list[Linked]) -> tuple[list[list[int]], list[tuple[int, int]], dict[int, list[int]]]:
    return (
        [line for part in parts for line in part.firsts.tolist()],
        sorted(pair for part in parts for pair in part.parted),
        {row: rivals for part in parts for row, rivals in part.aside.items()},
    )


@unhurried
@given(crowd=crowds(), margin=st.integers(0, 4))
def test_at_once_the_same_is_found_as_one_by_one(crowd: Uneasy, margin: int) -> None:
    one_by_one, at_once = ways(crowd, margin)
    assert at_once == one_by_one


@unhurried
@given(crowd=crowds(), room=st.integers(1, 100))
def test_how_many_there_is_room_for_at_once_does_not_show(crowd: Uneasy, room: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "ROOM", room)
        small = ways(crowd, 2)
    assert small == ways(crowd, 2)


def test_in_every_component_the_best_two_are_joined_first_and_what_excludes_stays_apart() -> None:
    many = 2 * module.FEW
    rows = np.arange(3 * many).reshape(-1, 3)
    weights = np.tile(np.array([9, -9, 5], np.int32), (many, 1))
    matches, excluded = np.tile([True, False, True], (many, 1)), np.tile([False, True, False], (many, 1))
    (found,) = link(Uneasy(rows, weights, matches, excluded), FLOOR, margin=3)
    assert (found.firsts == rows[:, [ALICE, ALICE, CHARLIE]]).all()
    assert found.parted == [(bob, charlie) for _, bob, charlie in rows.tolist()]
    assert found.aside == {}
    (near,) = link(Uneasy(rows, weights, matches, excluded), FLOOR, margin=5)
    assert (near.firsts == rows).all()
    assert near.aside == {row[BOB]: [row[ALICE], row[CHARLIE]] for row in rows.tolist()}
    assert near.parted == []
