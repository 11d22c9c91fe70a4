"""A vendor that hands out the same position twice ends the pull instead of keeping it for ever."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.kit.errors import PagingLoop
from connectors.kit.pagination import LoopGuard


@given(st.lists(st.binary(min_size=1), unique=True))
def test_different_pages_pass(pages: list[bytes]) -> None:
    guard = LoopGuard()
    for number, page in enumerate(pages):
        guard.step(str(number), page)
    guard.step(None, b"")


@pytest.mark.fault("H16")
@pytest.mark.parametrize("between", [0, 1, 50])
def test_a_token_that_comes_again_is_a_loop(between: int) -> None:
    guard = LoopGuard()
    guard.step("again", b"first")
    for number in range(between):
        guard.step(str(number), str(number).encode())
    with pytest.raises(PagingLoop, match="second time"):
        guard.step("again", b"other")


@pytest.mark.fault("H16")
def test_the_same_page_under_a_new_token_is_a_loop() -> None:
    guard = LoopGuard()
    guard.step("2", b"alice, bob")
    with pytest.raises(PagingLoop, match="same page twice"):
        guard.step("3", b"alice, bob")


@pytest.mark.fault("H16")
def test_a_last_page_that_repeats_the_one_before_is_a_loop() -> None:
    guard = LoopGuard()
    guard.step("2", b"alice, bob")
    with pytest.raises(PagingLoop):
        guard.step(None, b"alice, bob")


def test_empty_pages_may_follow_each_other() -> None:
    guard = LoopGuard()
    for token in ("1", "2", "3", None):
        guard.step(token, b"")
