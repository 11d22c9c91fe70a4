"""How the time of increments grows with the store: a figure made of figures."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any


def growth(increments: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """By database and number of changes, the p50 in the largest store over that in the smallest; none of a single
    store, or where nothing was measured. `from` and `to` are the records of these stores."""
    measured = defaultdict(list)
    for one in increments:
        if "missing" not in one:
            measured[one["database"]].append(one)
    found = {}
    for database, stores in measured.items():
        small, large = min(stores, key=_records), max(stores, key=_records)
        if small["records"] < large["records"]:
            found[database] = {"from": small["records"], "to": large["records"], "p50_ratio": _ratios(small, large)}
    return found


def _records(one: Mapping[str, Any]) -> int:
    return int(one["records"])


def _ratios(small: Mapping[str, Any], large: Mapping[str, Any]) -> dict[str, float]:
    before, after = small["change"]["rounds"], large["change"]["rounds"]
    return {size: after[size]["p50_ms"] / before[size]["p50_ms"] for size in before}
