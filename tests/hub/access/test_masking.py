"""What is left of a personal value for those who may not see who it is."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.access.masking import mask_email, mask_key, mask_phone, mask_text, mask_value


def test_an_address_keeps_its_first_letters_and_its_last_label() -> None:
    assert mask_email("jane@gmail.example.com") == "j•••@g•••.com"
    assert mask_email("no address") == "n••• a•••"


def test_a_number_keeps_its_last_three_digits_and_a_short_one_none() -> None:
    assert mask_phone("+61 491 570 417") == "••• 417"
    assert mask_phone("12345") == "•••"


def test_a_name_keeps_its_first_letters() -> None:
    assert mask_text("Alice Nguyen") == "A••• N•••"


@pytest.mark.parametrize(
    ("key", "shown"),
    [("alice@example.com", "a•••@e•••.com"), ("+61491570156", "••• 156"), ("Alice", "A•••")],
)
def test_a_key_is_masked_by_what_it_looks_like(key: str, shown: str) -> None:
    assert mask_key(key) == shown


@pytest.mark.parametrize(
    ("field", "value", "shown"),
    [
        ("name", {"full": "Alice Nguyen", "first": "Alice"}, {"full": "A••• N•••", "first": "A•••"}),
        ("emails", ["alice@example.com"], ["a•••@e•••.com"]),
        ("emails", [{"value": "alice@example.com", "label": "home"}], [{"value": "a•••@e•••.com", "label": "home"}]),
        ("phones", [{"value": "+61491570156", "region": "AU"}], [{"value": "••• 156", "region": "AU"}]),
        ("addresses", [{"street": "3 King St", "city": "Newtown"}], [{"street": "•••", "city": "Newtown"}]),
        ("date_of_birth", "1980-02-03", "•••"),
        ("language", "en", "en"),
        ("custom.note", "likes mugs", "l••• m•••"),
        ("identifiers", [{"type": "loyalty", "value": "4711"}], [{"type": "loyalty", "value": "4•••"}]),
        ("name", None, None),
    ],
)
def test_a_field_is_masked_in_its_own_shape(field: str, value: Any, shown: Any) -> None:
    assert mask_value(field, value) == shown


@given(st.text(st.sampled_from("abcÅß0 .+-"), min_size=4))
def test_no_word_longer_than_a_letter_is_ever_shown_whole(text: str) -> None:
    shown = mask_key(text)
    assert all(word not in shown for word in text.split() if len(word) > 3)
