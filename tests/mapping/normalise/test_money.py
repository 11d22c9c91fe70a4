"""Money: plain amounts only, exact ones only."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapping.normalise import NotNormal
from mapping.normalise.money import currency, money


@pytest.mark.parametrize("value", ["10.10", 10.1, Decimal("10.1"), " 10.10 "])
def test_an_amount_is_exact(value: Any) -> None:
    assert money(value) == Decimal("10.10")


@pytest.mark.fault("D16")
@pytest.mark.parametrize(
    "value", ["1,234", "1.234,50", "$5", "1e5", "", "NaN", float("inf"), True, None, [], 10**16, "٣"]
)
def test_what_is_no_plain_amount_is_refused(value: Any) -> None:
    with pytest.raises(NotNormal):
        money(value)


@given(st.decimals(-(10**9), 10**9, places=2))
def test_an_amount_is_the_same_as_text_and_as_number(amount: Decimal) -> None:
    assert money(str(amount)) == money(amount) == amount


def test_a_currency_is_three_capitals() -> None:
    assert currency("aud") == "AUD"
    with pytest.raises(NotNormal):
        currency("A$")
