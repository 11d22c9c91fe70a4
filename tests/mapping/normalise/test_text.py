"""Clean text: one line, one form, nothing unseen; and the words for "no value"."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapping.normalise import NotNormal
from mapping.normalise.text import as_text, clean, is_placeholder


@pytest.mark.fault("M17")
@pytest.mark.fault("D03")
@pytest.mark.fault("D04")
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("12 High St\r\nUnit 4", "12 High St Unit 4"),
        ("  a \u00a0 b\t", "a b"),
        ("a\x00b\ud800c", "abc"),
        ("ab\u202ecd\u200b\ufeff", "abcd"),
        ("e\u0301", "é"),
        ("👩‍👧", "👩‍👧"),
    ],
)
def test_text_is_one_line_of_what_can_be_seen(text: str, expected: str) -> None:
    assert clean(text) == expected


@given(st.text(st.characters(), max_size=40))
def test_clean_text_stays_as_it_is_and_can_be_stored(text: str) -> None:
    found = clean(text)
    assert clean(found) == found
    assert "\x00" not in found
    found.encode("utf-8")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (2042, "2042"),
        (4711.0, "4711"),
        (1e28, "1" + "0" * 28),
        (1.5, "1.5"),
        (Decimal("10.50"), "10.50"),
        (True, "true"),
        (2**63, "9223372036854775808"),
    ],
)
def test_numbers_are_written_plainly(value: Any, expected: str) -> None:
    assert as_text(value) == expected


@pytest.mark.fault("D02")
@pytest.mark.parametrize(
    ("value", "code"),
    [
        ([], "not_text"),
        ({}, "not_text"),
        (float("nan"), "not_text"),
        (1e300, "not_text"),
        (Decimal("1e-900"), "not_text"),
        (10**5000, "too_long"),
        ("x" * 10_000_000, "too_long"),
    ],
    ids=["list", "object", "nan", "huge", "tiny", "digits", "book"],
)
def test_what_is_no_text_or_too_much_of_it_is_refused(value: Any, code: str) -> None:
    with pytest.raises(NotNormal) as refused:
        as_text(value)
    assert refused.value.code == code


@pytest.mark.parametrize("text", ["N/A", "n/a", "NULL", "none", "-", "Unknown", "#N/A", "not provided"])
def test_words_for_no_value_are_known(text: str) -> None:
    assert is_placeholder(text)


@pytest.mark.parametrize("text", ["Nora", "NA", "0", "no", "test@test.com"])
def test_words_that_may_be_values_are_not_taken_for_nothing(text: str) -> None:
    assert not is_placeholder(text)
