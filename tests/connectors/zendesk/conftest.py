"""A simulated Zendesk account on a socket, and a source and a destination that reach it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from connectors.kit.simulator import serve
from connectors.kit.testing import FakeClock
from connectors.zendesk.destination import ZendeskDestination
from connectors.zendesk.simulator import ZendeskSimulator
from connectors.zendesk.source import ZendeskSource
from tests.connectors.zendesk.estate import USERS, destination_at, source_at


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def simulator(clock: FakeClock) -> ZendeskSimulator:
    """Its clock is the test's."""
    simulator = ZendeskSimulator(now=clock.now)
    simulator.load(USERS)
    return simulator


@pytest.fixture
def base_url(simulator: ZendeskSimulator) -> Iterator[str]:
    with serve(simulator) as server:
        yield server.base_url


@pytest.fixture
def source(base_url: str, clock: FakeClock) -> Iterator[ZendeskSource]:
    with closing(source_at(base_url, clock)) as source:
        yield source


@pytest.fixture
def destination(base_url: str, clock: FakeClock) -> Iterator[ZendeskDestination]:
    with closing(destination_at(base_url, clock)) as destination:
        yield destination
