"""Amounts of money and their currencies. Never a binary float."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from mapping.normalise import NotNormal

LARGEST = Decimal(10) ** 15
_PLAIN = re.compile(r"[+-]?[0-9]{1,18}(?:\.[0-9]{1,12})?\Z")
_CURRENCY = re.compile(r"[A-Za-z]{3}\Z")


def money(value: Any) -> Decimal:
    """A number, or text like 1234.50. Grouped or comma-written amounts raise NotNormal: 1,234 reads in two ways."""
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        raise _invalid()
    if isinstance(value, str) and not _PLAIN.match(value := value.strip()):
        raise _invalid()
    amount = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    if not amount.is_finite() or abs(amount) >= LARGEST:
        raise _invalid()
    return amount


def currency(text: str) -> str:
    """An ISO 4217 code's form: three capital letters."""
    if not _CURRENCY.match(text):
        raise NotNormal("currency_invalid", "not a currency code of three letters")
    return text.upper()


def _invalid() -> NotNormal:
    return NotNormal("money_invalid", "not a plain amount (1234.50)")
