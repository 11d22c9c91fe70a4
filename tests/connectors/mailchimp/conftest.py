"""A simulated Mailchimp on a socket, sources that read it and a destination that writes to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from typing import Any

import pytest

from connectors.kit.simulator import serve
from connectors.kit.testing import FakeClock
from connectors.mailchimp.destination import MailchimpDestination
from connectors.mailchimp.source import MailchimpSource
from tests.connectors.mailchimp.estate import AUDIENCE, RestlessSimulator, destination_at, source_at

Open = Callable[..., MailchimpSource]


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def simulator(clock: FakeClock) -> RestlessSimulator:
    """Its clock is the test's."""
    simulator = RestlessSimulator(now=clock.now)
    simulator.load(AUDIENCE)
    return simulator


@pytest.fixture
def address(simulator: RestlessSimulator) -> Iterator[str]:
    with serve(simulator) as server:
        yield server.base_url


@pytest.fixture
def open_source(address: str, clock: FakeClock) -> Iterator[Open]:
    """Opens sources that read the simulator, as many as a test likes."""
    with ExitStack() as stack:

        def open_one(**settings: Any) -> MailchimpSource:
            source = source_at(address, clock, **settings)
            stack.callback(source.close)
            return source

        yield open_one


@pytest.fixture
def destination(address: str, clock: FakeClock) -> Iterator[MailchimpDestination]:
    with closing(destination_at(address, clock)) as destination:
        yield destination
