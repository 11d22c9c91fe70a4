"""No secret survives redaction, neither plain nor as a URL writes it."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.kit.redact import HIDDEN, redact

secrets = st.text("abc/+ &%é", min_size=4, max_size=8)


@pytest.mark.fault("A11")
@given(st.lists(secrets, max_size=4), st.lists(secrets, max_size=4), st.text(max_size=10))
def test_no_secret_is_left(hidden: list[str], between: list[str], text: str) -> None:
    said = text.join([*hidden, *between, *(quote(secret, safe="") for secret in hidden)])
    assert not [secret for secret in hidden if secret in redact(said, hidden)]


@pytest.mark.fault("A11")
def test_the_longest_secret_is_hidden_first() -> None:
    assert redact("key-123-live, key-123", ["key-123", "key-123-live"]) == f"{HIDDEN}, {HIDDEN}"


@pytest.mark.fault("A11")
def test_a_secret_in_a_query_string_is_hidden() -> None:
    assert redact("https://shop.example/?key=p%40ss%2Fword", ["p@ss/word"]) == f"https://shop.example/?key={HIDDEN}"


def test_a_value_too_short_to_be_a_secret_does_not_shred_the_text() -> None:
    assert redact("Alice ate an apple", ["a", "", "an"]) == "Alice ate an apple"


def test_signs_of_patterns_in_a_secret_are_plain_text() -> None:
    assert redact("a.*b and axxb", ["a.*b"]) == f"{HIDDEN} and axxb"
