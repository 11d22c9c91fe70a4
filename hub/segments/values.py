"""The value behind an operator, read as the field's kind wants it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta, tzinfo
from decimal import Decimal
from typing import Any, Final
from unicodedata import normalize

from hub.segments.fields import Kind

LONGEST: Final = timedelta(days=36525)
"""A hundred years: beyond it, moments run off the calendar."""

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_DURATION = re.compile(r"([0-9]{1,6}[smhdw])+")
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?P<time>[T ][0-9]{2}:[0-9]{2}[0-9:.+Z-]*)?")


class WrongValue(Exception):
    """The value cannot stand behind its operator. `hint` says what can."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


def read_value(kind: Kind, operator: str, value: Any, zone: tzinfo) -> Any:
    """The value to compare with; moments in UTC. Raises WrongValue. `zone`: whose days are meant by a date."""
    if operator == "known":
        return _flag(value)
    if operator in ("within", "not_within"):
        return _duration(value)
    if operator in ("before", "after"):
        return _moment(value, zone, end_of_day=operator == "after")
    if operator == "in":
        if not isinstance(value, list) or not value:
            raise WrongValue("'in' needs a list of values", "write [one, two]")
        return frozenset(_SINGLE[kind](item) for item in value)
    return _SINGLE[kind](value)


def fold(text: str) -> str:
    """A text as it is compared: capitals, and the ways to write an accent, make no difference."""
    return normalize("NFC", text).casefold().strip()


def _text(value: Any) -> str:
    if not isinstance(value, str) or not fold(value):
        hint = "put it in quotes" if isinstance(value, int | float) else "write a word, or several in quotes"
        raise WrongValue("this field is text, and so must the value be", hint)
    return fold(value)


def _number(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise WrongValue("this field is a whole number, and so must the value be", "write 5")
    return value


def _amount(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise WrongValue("this field is an amount, and so must the value be", "write 500 or 99.50, without a currency")
    return Decimal(str(value))


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise WrongValue("this must be true or false", "")
    return value


_SINGLE: Final[dict[Kind, Callable[[Any], Any]]] = {
    "text": _text,
    "texts": _text,
    "number": _number,
    "amount": _amount,
    "flag": _flag,
}


def _duration(value: Any) -> timedelta:
    if not isinstance(value, str) or not _DURATION.fullmatch(value):
        raise WrongValue("this is not a duration", "write 90d, 12h or 4w")
    seconds = sum(int(part[:-1]) * _SECONDS[part[-1]] for part in re.findall(r"[0-9]+[smhdw]", value))
    if not 0 < seconds <= LONGEST.total_seconds():
        raise WrongValue("this duration is nothing, or longer than a hundred years", "write 90d, 12h or 4w")
    return timedelta(seconds=seconds)


def _moment(value: Any, zone: tzinfo, *, end_of_day: bool) -> datetime:
    """A day begins at midnight in the zone; what is after a day is after its end."""
    found = _MOMENT.fullmatch(value) if isinstance(value, str) else None
    try:
        if found is None:
            raise ValueError
        moment = datetime.fromisoformat(value)
        if found["time"] is None and end_of_day:
            moment = datetime.combine(moment, time.max)
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise WrongValue("this is not a day or moment", "write 2026-01-31 or 2026-01-31T18:00:00+10:00") from None
