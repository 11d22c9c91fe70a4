"""The kinds of single values that settings are written in: durations, shares, cron lines, time zones, countries."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from typing import Annotated, Any
from zoneinfo import ZoneInfo, available_timezones

from cronsim import CronSim, CronSimError
from phonenumbers import SUPPORTED_REGIONS
from pydantic import BeforeValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_DURATION = re.compile(r"([0-9]{1,6}[smhdw])+")
_PERCENT = re.compile(r"([0-9]{1,3}(\.[0-9]{1,6})?)\s?%")


def failure(code: str, message: str, context: Mapping[str, str] | None = None) -> PydanticCustomError:
    """An error that `validation` turns into a problem with this HUB code. `context` may hold a `hint`."""
    return PydanticCustomError(code, "{message}", {"message": message, **(context or {})})


def read_duration(value: object) -> timedelta:
    if not isinstance(value, str) or not _DURATION.fullmatch(value):
        raise failure("HUB-C026", "this is not a duration", {"hint": "write 30s, 15m, 2h, 1d or 1h30m"})
    parts = {_UNITS[part[-1]]: int(part[:-1]) for part in re.findall(r"[0-9]+[smhdw]", value)}
    return timedelta(**parts)


def read_share(value: object) -> float:
    """10% -> 0.1"""
    found = _PERCENT.fullmatch(value) if isinstance(value, str) else None
    if found is None or float(found[1]) > 100:
        raise failure("HUB-C028", "this is not a share", {"hint": "write a percentage from 0% to 100%, like 10%"})
    return float(found[1]) / 100


def read_cron(value: object) -> str:
    if not isinstance(value, str):
        raise failure("HUB-C024", "this is not a cron line", {"hint": 'write it in quotes: "0 2 * * *"'})
    if len(value.split()) != 5:
        hint = 'minute, hour, day, month, weekday, like "0 2 * * *"'
        raise failure("HUB-C024", f"a cron line has five fields, this one has {len(value.split())}", {"hint": hint})
    try:
        next(CronSim(value, datetime.now(UTC)))
    except CronSimError as error:
        raise failure("HUB-C024", f"the cron line does not work: {str(error).lower()}") from None
    except StopIteration:
        raise failure("HUB-C024", "the cron line never comes true") from None
    return value


def read_timezone(value: object) -> str:
    if not isinstance(value, str):
        raise failure("HUB-C027", "this is not a time zone", {"hint": "write a name like Australia/Sydney"})
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError):
        close = _did_you_mean(value, available_timezones())
        raise failure("HUB-C027", f"there is no time zone '{value}'", close) from None
    return value


def read_region(value: object) -> str:
    if not isinstance(value, str) or value not in SUPPORTED_REGIONS:
        shown = f" '{value}'" if isinstance(value, str) else ""
        close = _did_you_mean(str(value).upper(), SUPPORTED_REGIONS) or {"hint": "two letters, like AU, NZ or GB"}
        raise failure("HUB-C029", f"there is no country{shown}", close)
    return value


def suggest(word: str, known: Any) -> str:
    """`did you mean 'x'?`, or nothing when no known word is near."""
    close = get_close_matches(word, sorted(map(str, known)), n=1, cutoff=0.6)
    return f"did you mean '{close[0]}'?" if close else ""


def _did_you_mean(word: str, known: Any) -> dict[str, str]:
    hint = suggest(word, known)
    return {"hint": hint} if hint else {}


Duration = Annotated[
    timedelta, BeforeValidator(read_duration), WithJsonSchema({"type": "string", "pattern": "^([0-9]{1,6}[smhdw])+$"})
]
Share = Annotated[
    float, BeforeValidator(read_share), WithJsonSchema({"type": "string", "pattern": r"^[0-9]{1,3}(\.[0-9]+)?\s?%$"})
]
Cron = Annotated[str, BeforeValidator(read_cron), WithJsonSchema({"type": "string", "examples": ["0 2 * * *"]})]
Timezone = Annotated[
    str, BeforeValidator(read_timezone), WithJsonSchema({"type": "string", "examples": ["Australia/Sydney"]})
]
Region = Annotated[str, BeforeValidator(read_region), WithJsonSchema({"type": "string", "pattern": "^[A-Z]{2}$"})]
