"""A simulated Mailchimp on a socket, and sources that read it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from connectors.kit.simulator import serve
from connectors.kit.testing import FakeClock
from connectors.mailchimp.source import MailchimpSource
from tests.connectors.mailchimp.estate import AUDIENCE, RestlessSimulator, source_at

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
def open_source(simulator: RestlessSimulator, clock: FakeClock) -> Iterator[Open]:
    """Opens sources that read the simulator, as many as a test likes."""
    with ExitStack() as stack:
        server = stack.enter_context(serve(simulator))

        def open_one(**settings: object) -> MailchimpSource:
            source = source_at(server.base_url, clock, **settings)
            stack.callback(source.close)
            return source

        yield open_one
