"""Maintenance windows of hub.yaml: times of the day in which nothing begins by itself."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, time
from typing import Annotated, Self
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from hub.settings.strict import Model
from hub.settings.values import Timezone, failure

_CLOCK = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")


def read_clock(value: object) -> time:
    if not isinstance(value, str) or not _CLOCK.fullmatch(value):
        raise failure("HUB-C048", "this is not a time of the day", {"hint": 'write it in quotes: "02:00"'})
    return time.fromisoformat(value)


Clock = Annotated[
    time, BeforeValidator(read_clock), WithJsonSchema({"type": "string", "pattern": f"^{_CLOCK.pattern}$"})
]


class Window(Model):
    """Every day from one time to another, over midnight when the second is the earlier one. Its clock: `timezone`."""

    begin: Annotated[Clock, Field(alias="from")]
    end: Annotated[Clock, Field(alias="to")]
    timezone: Timezone | None = None

    @model_validator(mode="after")
    def _some_time(self) -> Self:
        if self.begin == self.end:
            raise failure("HUB-C048", "a maintenance window that ends when it begins is a whole day or nothing")
        return self

    def __repr__(self) -> str:
        return f"{self.begin:%H:%M} to {self.end:%H:%M} {self.timezone or ''}".rstrip()

    __str__ = __repr__

    def holds(self, now: datetime, timezone: str) -> bool:
        """Whether `now` (aware) lies in it; `timezone` is that of the hub."""
        clock = now.astimezone(ZoneInfo(self.timezone or timezone)).time()
        if self.begin < self.end:
            return self.begin <= clock < self.end
        return clock >= self.begin or clock < self.end


def in_maintenance(windows: Sequence[Window], now: datetime, timezone: str) -> bool:
    return any(window.holds(now, timezone) for window in windows)
