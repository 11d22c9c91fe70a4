"""When two words are one word, misspelt or spelt otherwise."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedupe.names.spelling import one_typo, sound_key
from tests.dedupe.cast import unhurried


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ("thistlewood", "thistlewood", True),
        ("thistlewood", "thistlewod", True),
        ("thistlewood", "thisstlewood", True),
        ("thistlewood", "thistlewoad", True),
        ("thistlewood", "thsitlewood", True),
        ("thistlewood", "histlewood", True),
        ("thistlewood", "htistlewood", True),
        ("thistlewood", "thsitlewodo", False),
        ("thistlewood", "thistlew", False),
        ("thistlewood", "thosdlewood", False),
        ("reids", "reid", False),
        ("reid", "reed", False),
        ("reid", "ried", False),
        ("", "", False),
    ],
)
def test_one_typo_is_one_slip_of_the_finger_in_a_word_long_enough(left: str, right: str, expected: bool) -> None:
    assert one_typo(left, right) is one_typo(right, left) is expected


def test_a_swap_may_count_in_shorter_words() -> None:
    assert one_typo("thuy", "thyu", swap_from=4)
    assert not one_typo("ian", "ina", swap_from=4)


@pytest.mark.parametrize(
    ("left", "right"),
    [("mueller", "muller"), ("jaeger", "jager"), ("dostoyevsky", "dostoevskij"), ("mihailidis", "michailides")],
)
def test_spellings_of_one_name_sound_alike(left: str, right: str) -> None:
    assert sound_key(left) == sound_key(right)


@pytest.mark.parametrize(
    ("left", "right"), [("reyes", "rees"), ("meyer", "meer"), ("joel", "jol"), ("joe", "jo"), ("elton", "alton")]
)
def test_names_that_only_look_like_spellings_of_one_do_not(left: str, right: str) -> None:
    assert sound_key(left) != sound_key(right)


@given(st.text("aeioumnsktv-", max_size=9), st.text("aeioumnsktv-", max_size=9))
@unhurried
def test_one_typo_does_not_mind_which_comes_first(left: str, right: str) -> None:
    assert one_typo(left, right) == one_typo(right, left)
