"""A simulated Twilio on a socket, and the sides of the connector that talk to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from connectors.kit.simulator import serve
from connectors.kit.testing import FakeClock
from connectors.twilio.destination import TwilioDestination
from connectors.twilio.simulator import TwilioSimulator
from connectors.twilio.source import TwilioSource
from tests.connectors.twilio.estate import config_for

OpenSource = Callable[..., TwilioSource]
OpenDestination = Callable[..., TwilioDestination]


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def simulator(clock: FakeClock) -> TwilioSimulator:
    """Its clock is the test's."""
    return TwilioSimulator(now=clock.now)


@pytest.fixture
def base_url(simulator: TwilioSimulator) -> Iterator[str]:
    with serve(simulator) as server:
        yield server.base_url


@pytest.fixture
def open_source(base_url: str, clock: FakeClock) -> Iterator[OpenSource]:
    """Opens sources that read the simulator, as many as a test likes."""
    with ExitStack() as stack:

        def open_one(page_size: int = 4, **settings: object) -> TwilioSource:
            source = TwilioSource(config_for(base_url, **settings), clock=clock, page_size=page_size)
            stack.callback(source.close)
            return source

        yield open_one


@pytest.fixture
def open_destination(base_url: str, clock: FakeClock) -> Iterator[OpenDestination]:
    with ExitStack() as stack:

        def open_one(**settings: object) -> TwilioDestination:
            destination = TwilioDestination(config_for(base_url, **settings), clock=clock)
            stack.callback(destination.close)
            return destination

        yield open_one
