"""How a stream's reconciliation is written in YAML: its own schedule, and how much of it may be gone without asking."""

from __future__ import annotations

from datetime import timedelta
from typing import Self

from pydantic import model_validator

from hub.settings.strict import Count, Model
from hub.settings.values import Cron, Duration, Share, failure


class GoneGuard(Model):
    """More records than `rows`, or than this share of the stream, are not taken for gone without a person."""

    rows: Count = 1000
    share: Share = 0.05


class ReconcileSettings(Model):
    """`reconcile:` of a stream. Its `every` or `cron`, in the stream's time zone; neither: by hand only."""

    every: Duration | None = None
    cron: Cron | None = None
    guard: GoneGuard = GoneGuard()

    @model_validator(mode="after")
    def _one_schedule(self) -> Self:
        check_schedule(self.every, self.cron)
        return self


def check_schedule(every: timedelta | None, cron: str | None) -> None:
    """Raises what `validation` makes a problem of."""
    if every is not None and cron is not None:
        raise failure("HUB-C025", "both 'every' and 'cron' are set", {"hint": "keep one of them"})
    if every is not None and every <= timedelta(0):
        raise failure("HUB-C026", "'every' must be longer than nothing")
