"""Whatever is written where, the configuration is read to its end: a report, never a crash."""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from hub.settings.load import read
from hub.settings.problems import render
from tests.hub.settings.fakes import GOOD, write

Loc = tuple[str | int, ...]

FULL = GOOD | {
    "connections/news.yaml": "kind: news\nconfig: {quiet: false}\npush: {mode: auto, consent: [email]}\n",
    "connections/shop.yaml": GOOD["connections/shop.yaml"].replace("[email]}", '[email], segments: {vip: "tag:VIP"}}'),
    "consent.yaml": (
        "consent:\n"
        "  default_jurisdiction: AU\n"
        "  tolerance: 5m\n"
        "  inferred: {allowed: [email], expires: 365d, sources: [shop]}\n"
        "  grant_sources: {email: [shop, news.double_opt_in]}\n"
        "  foreign_writers: [shop]\n"
        "  lists: {news: {a1: {purpose: marketing, brand: x}}}\n"
        "  withdraw_sources: any\n"
        "  due: {AU: 5bd, default: 2d}\n"
        "  never_contact_domains: [example.com]\n"
        "destinations: {news: {resubscribe: pending, push_grants: never}}\n"
    ),
    "segments.yaml": (
        "segments:\n"
        "  vip:\n"
        "    title: Regular customers\n"
        "    channel: email\n"
        "    all: [{field: orders, at_least: 5}, {any: [{field: country, in: [AU]}]}]\n"
        "    none: [{field: last_order_at, not_within: 90d}, {field: tags, contains: x}]\n"
    ),
}
PARSED = {name: YAML(typ="safe", pure=True).load(text) for name, text in FULL.items()}
WORDS = st.sampled_from(
    ["", "0 2 * * *", "10%", "15m", "AU", "${env:SHOP_TOKEN}", "${env:NO}", "a.[", "union", "person"]
)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | WORDS | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS | st.text(), inner, max_size=3),
    max_leaves=6,
)


def places(data: Any, loc: Loc = ()) -> Iterator[Loc]:
    yield loc
    children = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, child in children:
        yield from places(child, (*loc, key))


def put(data: Any, loc: Loc, value: Any) -> Any:
    if not loc:
        return value
    copy = deepcopy(data)
    inner = copy
    for part in loc[:-1]:
        inner = inner[part]
    inner[loc[-1]] = value
    return copy


PLACES = [(name, loc) for name, data in PARSED.items() for loc in places(data)]


@pytest.mark.fault("C01")
@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.sampled_from(PLACES), value=ANYTHING)
def test_any_value_in_any_place_gives_settings_or_a_report(place: tuple[str, Loc], value: Any, tmp_path: Path) -> None:
    name, loc = place
    spoiled = put(PARSED[name], loc, value)
    reading = read(write(tmp_path, FULL | {name: json.dumps(spoiled)}))
    errors = [problem for problem in reading.problems if problem.severity == "error"]
    assert (reading.settings is None) == bool(errors)
    assert render(reading.problems).endswith("Nothing was started.")
