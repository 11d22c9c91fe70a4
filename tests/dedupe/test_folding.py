"""Text as it is compared, and the order that no arrival can change."""

from __future__ import annotations

import pytest

from dedupe.folding import fold, stable_key


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("O'Brien", "obrien"),
        ("  Mary-Jane ", "maryjane"),
        ("STRAUẞ", "strauss"),
        ("Paweł", "paweł"),
        ("Ⅳ", "iv"),
        ("王", "王"),
        ("—", ""),
    ],
)
def test_folding_keeps_letters_and_digits_and_forgets_case_and_accents(written: str, folded: str) -> None:
    assert fold(written) == folded
    assert fold(folded) == folded


def test_the_stable_key_is_bytes_even_of_text_that_is_no_unicode() -> None:
    assert stable_key("shop", "customers", "\ud800x") == (b"shop", b"customers", b"\\ud800x")
