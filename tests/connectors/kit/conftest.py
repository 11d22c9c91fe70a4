"""Fixtures of the HTTP tests: the vendor, the clock, and Http made for both."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import responses

from connectors.kit.http import Http
from connectors.kit.testing import FakeClock
from tests.connectors.kit.vendor import BASE, NOON, TOKEN, Make


@pytest.fixture
def vendor() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOON)


@pytest.fixture
def make(clock: FakeClock) -> Iterator[Make]:
    made: list[Http] = []

    def build(**options: Any) -> Http:
        made.append(Http(BASE, **{"headers": {"X-Token": TOKEN}, "clock": clock, "secrets": [TOKEN], **options}))
        return made[-1]

    yield build
    for http in made:
        http.close()
