"""Short ways to write a segment in a test."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from hub.segments.compile import compile_segment
from hub.segments.rules import Segment
from hub.segments.spec import SegmentSpec

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
TICK = timedelta(microseconds=1)


def segment(zone: tzinfo = UTC, **written: Any) -> Segment:
    """`segment(all=[{"field": "orders", "at_least": 5}])`, as segments.yaml would say it."""
    return compile_segment("vip", SegmentSpec.model_validate({"title": "Regulars", **written}), zone)


def condition(field: str, zone: tzinfo = UTC, /, **operator: Any) -> Segment:
    """`condition("country", in_=["AU"])`: a segment of one condition; a _ at the end keeps Python content."""
    return segment(zone, all=[{"field": field, **{name.removesuffix("_"): value for name, value in operator.items()}}])


def inside(rule: Segment, /, **facts: Any) -> bool:
    return rule.test(facts, NOW).inside
