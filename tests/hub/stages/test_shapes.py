"""The fields of raw records: by name and kind, and nothing of a person in them."""

from __future__ import annotations

from typing import Any

import pytest

from hub.stages.shapes import masked, shape_of


def test_fields_are_named_by_their_way_and_their_kind() -> None:
    raw = {
        "id": 7,
        "email": "a@x.test",
        "vip": True,
        "tags": ["a"],
        "address": {"city": "Perth"},
        "note": None,
        "x": "",
    }
    assert set(shape_of(raw)) == {
        ("id", "number"),
        ("email", "text"),
        ("vip", "flag"),
        ("tags", "list"),
        ("address", "object"),
        ("address.city", "text"),
    }


def test_a_list_that_is_empty_is_a_field_already() -> None:
    """So that the first tag of a shop is no news of its records' form."""
    assert shape_of({"tags": [], "address": {}}).keys() == {("tags", "list"), ("address", "object")}


def test_it_looks_three_levels_deep_and_into_lists() -> None:
    raw = {"a": {"b": {"c": {"d": 1}}}, "lines": [{"sku": "x"}, {"price": 3}]}
    assert set(shape_of(raw)) == {
        ("a", "object"),
        ("a.b", "object"),
        ("a.b.c", "object"),
        ("lines", "list"),
        ("lines.sku", "text"),
        ("lines.price", "number"),
    }


@pytest.mark.fault("A11")
@pytest.mark.parametrize(
    ("value", "form"),
    [
        ("Alice.Adams@example.com", "Xxxxx.Xxxxx@xxxxxxx.xxx"),
        ("+61 491 570 156", "+99 999 999 999"),
        ("née Łukasz\x00", "xxx Xxxxxx·"),
        (1234.5, "9999.9"),
        (True, "flag"),
        ([1, 2, 3], "[3]"),
        ({"email": "alice@example.com"}, "object"),
        ("x" * 90, "x" * 40 + "…"),
    ],
)
def test_a_sample_shows_the_form_and_never_the_value(value: Any, form: str) -> None:
    assert masked(value) == form


@pytest.mark.fault("A11")
def test_a_key_that_is_an_address_or_a_number_is_shown_by_its_form() -> None:
    raw = {"alice@example.com": {"phone_0491570156": "yes"}}
    assert [field for field, _ in shape_of(raw)] == ["xxxxx@xxxxxxx.xxx", "xxxxx@xxxxxxx.xxx.xxxxx_9999999999"]
