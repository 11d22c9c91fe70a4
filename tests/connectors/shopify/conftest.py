"""A simulated store on a socket with Alice, Bob and Charlie in it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from connectors.kit.simulator import serve
from connectors.kit.testing import FakeClock
from connectors.shopify.simulator import ShopifySimulator
from tests.connectors.shopify.till import Till


@pytest.fixture
def till() -> Iterator[Till]:
    clock = FakeClock()
    with serve(ShopifySimulator(now=clock.now)) as server:
        yield Till(server.simulator, server.base_url, clock)
