"""JSON as text: what goes in comes out, the same text for the same value, and what cannot be kept is refused."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.store.jsontext import DEEPEST, Unstorable, dumps, loads, storable

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def nested(levels: int) -> Any:
    value: Any = "deep"
    for _ in range(levels):
        value = {"in": value}
    return value


@pytest.mark.fault("D03")
@given(anything)
def test_what_goes_in_comes_out(value: Any) -> None:
    text = dumps(value)
    assert loads(text) == value
    assert storable(text) == text


@given(st.dictionaries(st.text(), anything))
def test_the_order_of_keys_does_not_show(value: dict[str, Any]) -> None:
    assert dumps(dict(reversed(value.items()))) == dumps(value)


@pytest.mark.parametrize("levels", [1, DEEPEST - 1])
@pytest.mark.parametrize("odd", ["plain", "\ud800"])
def test_what_is_nested_is_kept(levels: int, odd: str) -> None:
    value = {"deep": nested(levels - 1), "odd": odd}
    assert loads(dumps(value)) == value


@pytest.mark.parametrize("levels", [300, 1_000, 100_000])
def test_what_is_nested_too_deeply_is_refused(levels: int) -> None:
    with pytest.raises(Unstorable, match="levels deep"):
        dumps({"odd": "\ud800", "deep": nested(levels)})


def test_keys_that_are_no_text_are_refused() -> None:
    with pytest.raises(Unstorable, match="a key is no text"):
        dumps({None: 1, "name": "Alice"})


@pytest.mark.fault("D03")
def test_text_is_written_with_escapes_for_what_no_column_holds() -> None:
    assert storable("a\x00b\ud800c é 😀") == "a\\x00b\\ud800c é 😀"
